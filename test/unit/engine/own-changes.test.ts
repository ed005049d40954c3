/** Own edits, deletions and reactions while they wait: collapsed, in place, refused, tried again, given up. */
import { expect, test } from 'vitest';
import { decodedContent } from '../../../main/engine/messaging/decode.ts';
import type { EngineOptions } from '../../../main/engine/options.ts';
import { plainSealer } from '../../../main/engine/sealing/plain-sealer.ts';
import type { Sealer } from '../../../main/engine/sealing/sealer.ts';
import {
  createId,
  encodeContent,
  type ClientFrame,
  type Content,
  type FrameOf,
  type MessageId,
} from '../../../protocol/index.ts';
import { allMessages, scriptedSetting, sealedText, textOf } from '../../support/engine-client.ts';
import { settle } from '../../support/engine-clock.ts';
import { record } from '../../support/engine-people.ts';
import type { EngineRelay } from '../../support/engine-relay.ts';

async function conversing(options: Partial<EngineOptions> = {}) {
  const setting = await scriptedSetting();
  const { relay, clock } = setting;
  const conversation = relay.addConversation();
  const client = await setting.open(options);
  await online();
  async function online(): Promise<void> {
    await clock.until(async () => (await client.invoke('connection.get')).state === 'online');
  }
  const find = async (id: MessageId) => {
    const message = (await allMessages(client, conversation)).find((each) => each.id === id);
    if (!message) throw new Error('The message is not here.');
    return message;
  };
  return {
    ...{ ...setting, client, conversation, find },
    goOffline() {
      relay.up = false;
      relay.cut();
    },
    async goOnline() {
      relay.up = true;
      await client.invoke('connection.retry');
      await online();
      await settle();
    },
    send: async (text: string) => (await client.invoke('messages.send', { conversation, text })).id,
    edit: (message: MessageId, text: string) => client.invoke('messages.edit', { conversation, message, text }),
    remove: (message: MessageId) => client.invoke('messages.delete', { conversation, message }),
    react: (message: MessageId, emoji: string, on: boolean) =>
      client.invoke('messages.react', { conversation, message, emoji, on }),
  };
}

/** What the log holds, as its readers take it. */
function logOf(relay: EngineRelay, conversation: Parameters<EngineRelay['logOf']>[0]): string[] {
  return relay.logOf(conversation).messages.map(({ payload }) => {
    const content = decodedContent(payload.subarray(1));
    if (content.kind === 'reaction') return `${content.on ? 'on' : 'off'} ${content.emoji}`;
    return content.kind === 'text' || content.kind === 'edit' ? `${content.kind} ${content.text}` : content.kind;
  });
}

function sealed(content: Content): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0, ...encodeContent(content)]);
}

test('a message that still waits is edited in place, and one that is deleted was never sent', async () => {
  const { conversation, relay, goOffline, goOnline, send, edit, remove, client } = await conversing();
  goOffline();
  const [kept, dropped] = [await send('teh'), await send('oops')];
  expect(await edit(kept, 'the')).toMatchObject({
    edited: false,
    change: null,
    state: 'queued',
    content: { text: 'the' },
  });
  const removed = record(client, 'messages.changed');
  expect((await remove(dropped)).content).toEqual({ kind: 'deleted' });
  expect((await allMessages(client, conversation)).map(textOf)).toEqual(['the']);
  expect((await client.invoke('conversations.get', { conversation })).preview).toMatchObject({ text: 'the' });
  await goOnline();
  expect(logOf(relay, conversation)).toEqual(['text the']);
  expect(removed.flatMap((event) => event.removed)).toContain(dropped);
});

test('of what was typed again and again before it could be sent only the last is sent', async () => {
  const { conversation, relay, goOffline, goOnline, send, edit, react, remove, find } = await conversing();
  const [one, two] = [await send('one'), await send('two')];
  await settle();
  goOffline();
  for (const text of ['one!', 'one?', 'One']) await edit(one, text);
  for (const on of [true, false, true, false]) await react(one, '👍', on);
  await react(one, '🎉', true);
  await edit(two, 'never seen');
  await react(two, '👍', true);
  await remove(two);
  expect(await find(one)).toMatchObject({
    content: { text: 'One' },
    edited: true,
    reactions: [{ emoji: '🎉', own: true }],
  });
  await goOnline();
  expect(logOf(relay, conversation)).toEqual(['text one', 'text two', 'edit One', 'on 🎉', 'delete']);
  await edit(one, 'One');
  await react(one, '🎉', true);
  await settle();
  expect(logOf(relay, conversation)).toHaveLength(5);
});

test('what is typed anew while its bytes are being sealed goes out as it is typed last', async () => {
  let sealings = 0;
  let goOn = () => {};
  const slowSealer: Sealer = {
    ...plainSealer,
    async seal(input) {
      sealings++;
      if (sealings === 1) await new Promise<void>((resolve) => (goOn = resolve));
      return plainSealer.seal(input);
    },
  };
  const { conversation, relay, send, edit, find } = await conversing({ sealer: slowSealer });
  const id = await send('half a sent');
  await settle();
  expect(sealings).toBe(1);
  await edit(id, 'half a sentence');
  goOn();
  await settle();
  expect(logOf(relay, conversation)).toEqual(['text half a sentence']);
  expect(await find(id)).toMatchObject({ seq: 1, edited: false, content: { text: 'half a sentence' } });
});

test('while it is not known whether a message was taken, what is done to it follows behind', async () => {
  const { conversation, relay, goOnline, send, edit, find, client } = await conversing();
  relay.verdict = () => ({ do: 'cut' });
  const id = await send('frist');
  await settle();
  relay.up = false;
  expect(await edit(id, 'first')).toMatchObject({ edited: true, change: { kind: 'edit' }, content: { text: 'first' } });
  expect((await client.invoke('conversations.get', { conversation })).preview).toMatchObject({ text: 'first' });
  const { messages } = await client.invoke('messages.page', { conversation, anchor: { at: 'latest' }, limit: 10 });
  expect(messages).toHaveLength(1);
  relay.verdict = () => ({ do: 'accept' });
  await goOnline();
  expect(logOf(relay, conversation)).toEqual(['text frist', 'edit first']);
  expect(await find(id)).toMatchObject({ seq: 1, content: { text: 'first' }, edited: true, change: null });
});

test('a deletion of a message that may have been taken is sent behind it', async () => {
  const { conversation, relay, goOnline, send, remove, find } = await conversing();
  relay.verdict = () => ({ do: 'accept-silently' });
  const id = await send('regret');
  await settle();
  relay.cut();
  relay.up = false;
  expect(await remove(id)).toMatchObject({ content: { kind: 'deleted' }, change: { kind: 'delete' }, seq: null });
  relay.verdict = () => ({ do: 'accept' });
  await goOnline();
  expect(logOf(relay, conversation)).toEqual(['text regret', 'delete']);
  expect(await find(id)).toMatchObject({ content: { kind: 'deleted' }, change: null, seq: 1 });
});

test('a change that the relay refuses shows the message as it was, and is tried again or given up', async () => {
  const { conversation, relay, send, edit, react, find, client, clock } = await conversing();
  const id = await send('before');
  await settle();
  const refuseChanges = ({ payload }: FrameOf<ClientFrame, 'send'>) =>
    decodedContent(payload.subarray(1)).kind === 'text'
      ? ({ do: 'accept' } as const)
      : ({ do: 'refuse', code: 'forbidden' } as const);
  relay.verdict = refuseChanges;
  const told = record(client, 'messages.changed');
  await edit(id, 'after');
  await settle();
  const failed = await find(id);
  expect(failed).toMatchObject({ content: { text: 'before' }, edited: false, state: 'sent' });
  expect(failed.change).toMatchObject({
    ...{ kind: 'edit', text: 'after' },
    failure: { code: 'forbidden', retryable: true },
  });
  expect(await client.invoke('conversations.get', { conversation })).toMatchObject({ failed: 1 });
  expect((await client.invoke('conversations.get', { conversation })).preview).toMatchObject({ text: 'before' });

  relay.verdict = () => ({ do: 'accept' });
  await client.invoke('messages.retry-change', { conversation, message: id });
  await settle();
  expect(await find(id)).toMatchObject({ content: { text: 'after' }, edited: true, change: null });

  relay.verdict = refuseChanges;
  await react(id, '👍', true);
  await settle();
  expect(await find(id)).toMatchObject({ reactions: [], change: { kind: 'reaction' } });
  await client.invoke('messages.discard-change', { conversation, message: id });
  expect(await find(id)).toMatchObject({ reactions: [], change: null });
  expect(await client.invoke('conversations.get', { conversation })).toMatchObject({ failed: 0 });
  await clock.advance(1_000);
  expect(told.flatMap(({ messages }) => messages.map((message) => message.id))).toContain(id);
});

test('a message that failed is edited in place and sent so', async () => {
  const { conversation, relay, send, edit, find, client } = await conversing();
  relay.verdict = () => ({ do: 'refuse', code: 'payload_too_large' });
  const id = await send('far too much');
  await settle();
  expect(await find(id)).toMatchObject({ state: 'failed' });
  await edit(id, 'less');
  relay.verdict = () => ({ do: 'accept' });
  await client.invoke('messages.retry', { conversation, message: id });
  await settle();
  expect(logOf(relay, conversation)).toEqual(['text less']);
});

test('changes that come before their message, by others, or to nothing, do what the log says and no more', async () => {
  const { conversation, relay, client, find } = await conversing();
  const [id, device] = [createId<MessageId>(), createId<never>()];
  relay.say(conversation, { payload: sealed({ kind: 'edit', target: id, text: 'corrected' }), device });
  relay.say(conversation, { payload: sealed({ kind: 'edit', target: id, text: 'not mine' }), user: relay.self.id });
  relay.say(conversation, { payload: sealed({ kind: 'delete', target: createId<MessageId>() }) });
  relay.say(conversation, { payload: sealedText('original'), id });
  await settle();
  expect((await allMessages(client, conversation)).map(textOf)).toEqual(['corrected']);
  expect(await client.invoke('conversations.get', { conversation })).toMatchObject({ unread: 1 });
  const other = { conversation, message: id };
  await expect(client.invoke('messages.delete', other)).rejects.toMatchObject({ code: 'forbidden' });
  const unknown = { conversation, message: createId<MessageId>(), emoji: '👍', on: true };
  await expect(client.invoke('messages.react', unknown)).rejects.toMatchObject({ code: 'not_found' });
  expect((await find(id)).edited).toBe(true);
});

test('account values never show and count for nothing in a conversation with others', async () => {
  const { conversation, relay, client } = await conversing();
  const values = [{ name: 'mute:x', value: '{"until":null}' }];
  relay.say(conversation, { payload: sealed({ kind: 'account', values }) });
  relay.say(conversation, { payload: sealedText('hello') });
  await settle();
  expect((await allMessages(client, conversation)).map(textOf)).toEqual(['hello']);
  expect(await client.invoke('conversations.get', { conversation })).toMatchObject({ unread: 1, muted: false });
});

test('a member who reacts with everything there is gets no wall of it, and one’s own reaction is always seen', async () => {
  const { conversation, relay, react, send, find } = await conversing();
  const id = await send('look');
  await settle();
  for (let count = 0; count < 60; count++) {
    relay.say(conversation, { payload: sealed({ kind: 'reaction', target: id, emoji: `:${count}:`, on: true }) });
  }
  await settle();
  await react(id, '👍', true);
  await settle();
  const { reactions, change } = await find(id);
  expect(reactions.map(({ emoji }) => emoji)).toEqual([
    ...Array.from({ length: 50 }, (_, count) => `:${count}:`),
    '👍',
  ]);
  expect(change).toBeNull();
});
