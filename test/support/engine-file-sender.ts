/** An engine in a process of its own that sends files, and is killed right after its message is kept. */
import { fork } from 'node:child_process';
import { resolve } from 'node:path';
import { messageIdSchema, type ConversationId, type MessageId } from '../../protocol/index.ts';

export interface FileSenderTask {
  readonly dataDir: string;
  readonly address: string;
  readonly conversation: ConversationId;
  readonly paths: readonly string[];
}

/** @returns the id of the message that the killed engine had kept. */
export async function sendFilesAndDie(task: FileSenderTask): Promise<MessageId> {
  const child = fork(resolve(import.meta.dirname, 'engine-file-sender-process.ts'), [JSON.stringify(task)], {
    stdio: 'inherit',
    execArgv: [],
  });
  const gone = new Promise<number | null>((done) => child.once('exit', done));
  const kept = new Promise<MessageId>((done) => child.once('message', (id) => done(messageIdSchema.parse(id))));
  const first = await Promise.race([kept, gone]);
  if (typeof first !== 'string') throw new Error(`The sender ended with ${first}.`);
  child.kill('SIGKILL');
  await gone;
  return first;
}
