/** An engine in a process of its own that types messages until it is killed. */
import { fork } from 'node:child_process';
import { resolve } from 'node:path';
import type { ConversationId } from '../../protocol/index.ts';

export interface SenderTask {
  readonly dataDir: string;
  readonly address: string;
  readonly conversation: ConversationId;
  readonly texts: readonly string[];
}

export interface SpawnedSender {
  /** Texts of which the engine said that they are kept. */
  confirmed(): readonly string[];
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
}

export async function spawnSender(task: SenderTask): Promise<SpawnedSender> {
  const child = fork(resolve(import.meta.dirname, 'engine-sender-process.ts'), [JSON.stringify(task)], {
    stdio: 'inherit',
    execArgv: [],
  });
  const confirmed: string[] = [];
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  await new Promise<void>((done, failed) => {
    child.on('message', (text) => {
      confirmed.push(String(text));
      done();
    });
    child.once('exit', (code) => failed(new Error(`The sender ended with ${code}.`)));
  });
  return {
    confirmed: () => confirmed,
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
