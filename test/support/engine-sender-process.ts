/** Runs as a process: logs in from its folder, types one text after another and tells of each that is kept. */
import { createHeadlessClient } from '../../main/engine/headless.ts';
import type { SenderTask } from './engine-sender.ts';

const { dataDir, address, conversation, texts } = JSON.parse(process.argv[2] ?? '') as SenderTask;
const client = await createHeadlessClient({ dataDir, address, username: '', password: '' });
for (const text of texts) {
  await client.invoke('messages.send', { conversation, text });
  process.send?.(text);
  await new Promise((done) => setTimeout(done, 4));
}
