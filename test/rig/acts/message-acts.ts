/** Sending, replying, sending files, reading and drafting. */
import type { ConversationId, MessageId } from '../../../protocol/index.ts';
import type { MessageView } from '../../../bridge/views.ts';
import type { Typed } from '../device/ledger.ts';
import { Random } from '../random.ts';
import { actorAt, conversationWith, newText, userOf, type Actor, type Doers } from './actor.ts';

const filler = ' The quick brown fox jumps over the lazy dog.'.repeat(340);

export const messageActs: Doers<'send' | 'reply' | 'file' | 'read' | 'draft' | 'open'> = {
  async send(world, { device, to, count, long }) {
    const actor = actorAt(world, device);
    const conversation = await conversationWith(world, actor.engine, to);
    const sent = Array.from({ length: count }, () => {
      const text = newText('m', actor.device) + (long ? filler : '');
      return type(actor, { conversation, text }, () => actor.engine.invoke('messages.send', { conversation, text }));
    });
    await Promise.all(sent);
  },
  async reply(world, { device, to }) {
    const actor = actorAt(world, device);
    const conversation = await conversationWith(world, actor.engine, to);
    const replyTo = (await newest(actor, conversation, 5)).findLast(({ seq }) => seq !== null)?.id;
    const message = { conversation, text: newText('r', actor.device), ...(replyTo && { replyTo }) };
    await type(actor, message, () => actor.engine.invoke('messages.send', message));
  },
  async file(world, { device, to, bytes }) {
    const actor = actorAt(world, device);
    const conversation = await conversationWith(world, actor.engine, to);
    const text = newText('f', actor.device);
    const file = new Random(bytes).bytes(bytes);
    const { stage } = await actor.engine.invoke('media.stage', { bytes: file });
    const source = { from: 'stage' as const, stage };
    const item = { source, kind: 'file' as const, name: `${bytes}.bin`, type: 'application/octet-stream' };
    await type(actor, { conversation, text, file }, () =>
      actor.engine.invoke('media.send', { conversation, items: [item], text }),
    );
  },
  async read(world, { device: index, to }) {
    const actor = actorAt(world, index);
    const conversation = await conversationWith(world, actor.engine, to);
    const { ledger } = actor.device;
    const { life, read } = ledger;
    const seq = (await newest(actor, conversation, 3)).findLast((message) => message.seq !== null)?.seq ?? 0;
    if (seq === 0) return;
    await actor.engine.invoke('conversations.mark-read', { conversation, seq });
    if (ledger.life === life) read.set(conversation, Math.max(seq, read.get(conversation) ?? 0));
  },
  async draft(world, { device: index, to }) {
    const { device, engine } = actorAt(world, index);
    const conversation = await conversationWith(world, engine, to);
    const text = newText('d', device);
    const { drafts } = device.ledger;
    drafts.set(conversation, [...(drafts.get(conversation) ?? []), text]);
    await engine.invoke('drafts.set', { conversation, text });
  },
  async open(world, { device, to }) {
    const { engine } = actorAt(world, device);
    await engine.invoke('conversations.start', { user: userOf(world, to) });
  },
};

async function newest({ engine }: Actor, conversation: ConversationId, limit: number): Promise<MessageView[]> {
  return (await engine.invoke('messages.page', { conversation, anchor: { at: 'latest' }, limit })).messages;
}

interface Words {
  readonly conversation: ConversationId;
  readonly text: string;
  readonly file?: Uint8Array;
}

/** Writes down what is typed before it is sent, and what the engine promised once it answered. */
async function type(
  { device: { ledger } }: Actor,
  { conversation, text, file }: Words,
  send: () => Promise<{ readonly id: MessageId }>,
): Promise<void> {
  const { life } = ledger;
  const entry: Typed = { text, file: file ?? null, conversation, life, promise: 'open', id: null, excuse: null };
  ledger.typed.push(entry);
  entry.id = (await send()).id;
  entry.promise = 'kept';
}
