/**
 * A bot without a window: logs in, answers every message with its own words, and keeps its history in a folder.
 *
 *   PARLEY_PASSWORD='…' node docs/examples/echo-bot.ts relay.example.org echo ./echo-data
 *
 * The engine does the rest: it comes back after a cut, and sends in order what waits.
 */
import { createHeadlessClient } from '../../main/engine/headless.ts';
import type { MessageView } from '../../bridge/views.ts';

const [address, username, dataDir] = process.argv.slice(2);
const password = process.env['PARLEY_PASSWORD'];
if (!address || !username || !dataDir || !password) {
  console.error('Usage: PARLEY_PASSWORD=… node docs/examples/echo-bot.ts <relay> <username> <folder>');
  process.exit(2);
}

const bot = await createHeadlessClient({
  address,
  username,
  password,
  dataDir,
  device: { name: 'Echo bot', platform: 'node' },
});

/** Answers what is unread in a conversation, page by page; the read mark remembers how far it got. */
async function answer(conversation: MessageView['conversation']): Promise<void> {
  const page = await bot.invoke('messages.page', { conversation, anchor: { at: 'first-unread' } });
  const { readSeq, head } = await bot.invoke('conversations.get', { conversation });
  const unread = page.messages.filter(({ own, seq }) => !own && seq !== null && seq > readSeq);
  for (const { content, seq, id } of unread) {
    if (content.kind === 'text') await bot.invoke('messages.send', { conversation, text: content.text, replyTo: id });
    await bot.invoke('conversations.mark-read', { conversation, seq: seq ?? head });
  }
  if (unread.length > 0 && page.hasNewer) await answer(conversation);
}

/** One conversation is answered at a time, so that nothing is answered twice. */
let turn: Promise<unknown> = Promise.resolve();
function answerUnread(conversations: readonly { id: MessageView['conversation']; unread: number }[]): void {
  for (const { id, unread } of conversations) {
    if (unread > 0)
      turn = turn.then(() => answer(id)).catch((error: unknown) => console.error('Could not answer:', error));
  }
}

bot.on('conversations.changed', answerUnread);
answerUnread(await bot.invoke('conversations.list', {}));
console.log(`${username} answers at ${address}. Stop it with Ctrl+C.`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await turn;
    await bot.stop();
    process.exit(0);
  });
}
