/** Changing what was said: edits, deletions, reactions; and pins, which the account's devices share. */
import type { MessageView } from '../../../bridge/views.ts';
import type { ConversationId } from '../../../protocol/index.ts';
import type { TypedChange } from '../device/ledger.ts';
import { actorAt, conversationWith, newText, notNow, type Actor, type Doers } from './actor.ts';

/** Messages that a person has before their eyes. */
const onScreen = 20;

export const changeActs: Doers<'edit' | 'delete' | 'react' | 'pin'> = {
  async edit(world, { device, to, nth }) {
    const actor = actorAt(world, device);
    const conversation = await conversationWith(world, actor.engine, to);
    const target = await seen(actor, conversation, nth, (message) => message.own);
    const text = newText('e', actor.device);
    await change(actor, { kind: 'edit', conversation, target, text, on: true }, () =>
      actor.engine.invoke('messages.edit', { conversation, message: target, text }),
    );
  },
  async delete(world, { device, to, nth }) {
    const actor = actorAt(world, device);
    const conversation = await conversationWith(world, actor.engine, to);
    const target = await seen(actor, conversation, nth, (message) => message.own);
    await change(actor, { kind: 'delete', conversation, target, text: '', on: true }, () =>
      actor.engine.invoke('messages.delete', { conversation, message: target }),
    );
  },
  async react(world, { device, to, nth, emoji, on }) {
    const actor = actorAt(world, device);
    const conversation = await conversationWith(world, actor.engine, to);
    const target = await seen(actor, conversation, nth, (message) => message.seq !== null);
    await change(actor, { kind: 'reaction', conversation, target, text: emoji, on }, () =>
      actor.engine.invoke('messages.react', { conversation, message: target, emoji, on }),
    );
  },
  async pin(world, { device, to, pinned }) {
    const actor = actorAt(world, device);
    const conversation = await conversationWith(world, actor.engine, to);
    await change(actor, { kind: 'pin', conversation, target: null, text: '', on: pinned }, () =>
      actor.engine.invoke('conversations.pin', { conversation, pinned }),
    );
  },
};

/** One of the messages that a person can do this to. @throws Error when there is none. */
async function seen(
  { engine }: Actor,
  conversation: ConversationId,
  nth: number,
  fits: (message: MessageView) => boolean,
): Promise<MessageView['id']> {
  const page = await engine.invoke('messages.page', { conversation, anchor: { at: 'latest' }, limit: onScreen });
  const fitting = page.messages.filter((message) => message.content.kind !== 'deleted' && fits(message));
  const chosen = fitting[nth % Math.max(1, fitting.length)];
  if (!chosen) throw notNow();
  return chosen.id;
}

/** Writes it down before it is done, and what the engine promised once it answered. */
async function change(
  { device: { ledger } }: Actor,
  what: Omit<TypedChange, 'promise' | 'excuse'>,
  send: () => Promise<unknown>,
): Promise<void> {
  const entry: TypedChange = { ...what, promise: 'open', excuse: null };
  ledger.changes.push(entry);
  await send();
  entry.promise = 'kept';
}
