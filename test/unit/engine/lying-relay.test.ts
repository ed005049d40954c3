/** A relay that lies or is broken: what it says may slow this device down, but never loses or misplaces a message. */
import { expect, test } from 'vitest';
import { createId, type ConversationId, type MessageId, type RelayFrame } from '../../../protocol/index.ts';
import { allMessages, scriptedSetting, sealedText, textOf } from '../../support/engine-client.ts';
import { settle } from '../../support/engine-clock.ts';
import { record } from '../../support/engine-people.ts';

/** Online with two empty conversations. */
async function connected() {
  const setting = await scriptedSetting();
  const [one, other] = [setting.relay.addConversation(), setting.relay.addConversation()];
  const client = await setting.open();
  const state = async () => (await client.invoke('connection.get')).state;
  const toOnline = () => setting.clock.until(async () => (await state()) === 'online');
  await toOnline();
  const texts = async (conversation: ConversationId) => (await allMessages(client, conversation)).map(textOf);
  const hellos = () => setting.relay.received.filter(({ type }) => type === 'hello').length;
  return { ...setting, client, one, other, state, toOnline, texts, hellos };
}

/** Changes frames of one type on their way to the device. */
function changing<T extends RelayFrame['type']>(
  type: T,
  change: (frame: Extract<RelayFrame, { type: T }>) => RelayFrame[],
) {
  const isOfType = (frame: RelayFrame): frame is Extract<RelayFrame, { type: T }> => frame.type === type;
  return (frames: RelayFrame[]) => frames.flatMap((frame) => (isOfType(frame) ? change(frame) : [frame]));
}

test('a message accepted in another conversation stays in its own until it is accepted there', async () => {
  const { client, relay, clock, one, other, texts } = await connected();
  relay.verdict = () => ({ do: 'accept-silently' });
  const { id } = await client.invoke('messages.send', { conversation: one, text: 'for one' });
  await settle();
  relay.tell({ type: 'accepted', conversation: other, id, seq: 1, time: 1 });
  await settle();
  expect(await texts(other)).toEqual([]);
  expect(await texts(one)).toEqual(['for one']);
  await clock.until(async () => (await allMessages(client, one))[0]?.state === 'sent');
});

test('a waiting message is not taken for sent because another conversation shows its id, or no place in the log', async () => {
  const { client, relay, one, other, texts, clock } = await connected();
  relay.verdict = () => ({ do: 'refuse', code: 'storage_full', retryAfterMs: 60_000 });
  const { id } = await client.invoke('messages.send', { conversation: one, text: 'kept' });
  const twin = { id, user: relay.self.id, device: createId<never>(), kind: 'content', time: 1 };
  const lies = [
    { conversation: other, seq: 1 },
    { conversation: one, seq: 0 },
  ];
  for (const { conversation, seq } of lies) {
    const message = { ...twin, seq, payload: sealedText('a lie') };
    relay.tell({ type: 'deliver', conversation, messages: [message] });
    await settle();
    expect(await texts(one)).toEqual(['kept']);
  }
  relay.verdict = () => ({ do: 'accept' });
  await clock.until(() => relay.logOf(one).messages.length === 1);
});

test('a waiting message is not taken for sent because it is said to stand where nothing was stored', async () => {
  const { client, relay, one, texts } = await connected();
  relay.meddle = changing('fetched', (frame) => {
    relay.meddle = (frames) => frames;
    return [{ ...frame, messages: [] }];
  });
  relay.append(one, { payload: sealedText('lost') });
  relay.say(one, { payload: sealedText('second') });
  for (let round = 0; round < 5; round++) await settle();
  expect(await texts(one)).toEqual(['second']);
  relay.verdict = () => ({ do: 'refuse', code: 'storage_full', retryAfterMs: 60_000 });
  const { id } = await client.invoke('messages.send', { conversation: one, text: 'kept' });
  const message = { id, user: relay.self.id, device: createId<never>(), kind: 'content', time: 1 };
  relay.tell({ type: 'deliver', conversation: one, messages: [{ ...message, seq: 1, payload: sealedText('a lie') }] });
  await settle();
  expect(await texts(one)).toEqual(['second', 'kept']);
});

test('limits that make no sense do not make the sync endless', async () => {
  const { relay, clock, open } = await scriptedSetting();
  relay.meddle = changing('welcome', (frame) => [{ ...frame, limits: { ...frame.limits, syncEntries: 0 } }]);
  let sent = 0;
  const client = await open({
    openSocket(url, events) {
      const socket = relay.openSocket(url, events);
      const send = socket.send.bind(socket);
      socket.send = (bytes) => {
        if (++sent > 100) throw new Error('This never ends.');
        send(bytes);
      };
      return socket;
    },
  });
  await clock.until(async () => (await client.invoke('connection.get')).state === 'online', 10);
});

test('a relay that sends everyone away at once is not hammered, and none keeps a device away for years', async () => {
  const { relay, clock, client, hellos } = await connected();
  let retryAfterMs = 0;
  relay.meddle = changing('welcome', () => {
    setImmediate(() => relay.cut());
    return [{ type: 'goodbye', code: 'going_away', message: 'Later.', retryAfterMs }];
  });
  relay.cut();
  await clock.advance(1_000);
  const before = hellos();
  await clock.advance(60_000);
  expect(hellos() - before).toBeLessThan(15);
  retryAfterMs = 1e15;
  const seen = hellos();
  await clock.until(() => hellos() > seen);
  await settle();
  const view = await client.invoke('connection.get');
  expect(view.state === 'waiting' && view.retryAt - clock.now()).toBeLessThan(20 * 60_000);
});

test('what comes before the welcome is not taken', async () => {
  const { relay, one, texts, toOnline } = await connected();
  const message = { seq: 1, id: createId<MessageId>(), user: relay.peer.id, device: createId<never>(), time: 1 };
  const early: RelayFrame = {
    type: 'deliver',
    conversation: one,
    messages: [{ ...message, kind: 'content', payload: sealedText('from whom?') }],
  };
  relay.meddle = changing('welcome', (frame) => [early, frame]);
  relay.cut();
  await toOnline();
  expect(await texts(one)).toEqual([]);
});

test('a relay that takes this device for somebody else is left alone', async () => {
  const { relay, client, clock, state } = await connected();
  relay.meddle = changing('welcome', (frame) => [{ ...frame, user: relay.peer }]);
  relay.cut();
  await clock.until(async () => (await state()) === 'stopped');
  expect(await client.invoke('session.get')).toMatchObject({ state: 'signed-in', account: { username: 'ann' } });
});

test('an answer about another conversation skips nothing there', async () => {
  const { relay, one, other, texts } = await connected();
  relay.meddle = changing('fetched', (frame) => [{ ...frame, conversation: other, head: 5, messages: [] }]);
  for (const text of ['1', '2']) relay.append(one, { payload: sealedText(text) });
  relay.say(one, { payload: sealedText('3') });
  await settle();
  relay.say(other, { payload: sealedText('first') });
  await settle();
  expect(await texts(other)).toEqual(['first']);
});

test('a relay that answers a fetch with what is held already is asked again only after a while', async () => {
  const { relay, one, texts, clock } = await connected();
  const first = relay.say(one, { payload: sealedText('1') });
  await settle();
  relay.meddle = changing('fetched', (frame) => [{ ...frame, messages: [first] }]);
  relay.append(one, { payload: sealedText('2') });
  relay.say(one, { payload: sealedText('3') });
  for (let round = 0; round < 20; round++) await settle();
  expect(relay.received.filter(({ type }) => type === 'fetch')).toHaveLength(1);
  relay.meddle = (frames) => frames;
  await clock.until(async () => (await texts(one)).join() === '1,2,3');
});

test('what the relay says about a signal is not taken for the answer to a fetch', async () => {
  const { relay, client, one, texts } = await connected();
  await client.invoke('typing.set', { conversation: one, typing: true });
  await settle();
  const held: RelayFrame[] = [];
  relay.meddle = changing('fetched', (frame) => (held.push(frame), []));
  relay.append(one, { payload: sealedText('1') });
  relay.say(one, { payload: sealedText('2') });
  await settle();
  const signal = relay.received.find((frame) => frame.type === 'signal');
  relay.tell({ type: 'error', code: 'not_found', message: 'No.', ref: signal?.ref ?? -1, conversation: one });
  await settle();
  relay.meddle = (frames) => frames;
  relay.tell(...held);
  await settle();
  expect(await texts(one)).toEqual(['1', '2']);
});

test('cursors beyond the end of the log do not hide what comes later as read', async () => {
  const { relay, client, one, toOnline } = await connected();
  relay.logOf(one).cursors.set(relay.self.id, { delivered: 1_000_000, read: 1_000_000 });
  relay.cut();
  await toOnline();
  relay.say(one, { payload: sealedText('new') });
  await settle();
  expect(await client.invoke('conversations.get', { conversation: one })).toMatchObject({ unread: 1, readSeq: 0 });
});

test('a second welcome on a link does not keep the device from taking in what comes after it', async () => {
  const { relay, one, texts, toOnline } = await connected();
  relay.meddle = changing('welcome', (frame) => [frame, frame]);
  relay.cut();
  await toOnline();
  relay.say(one, { payload: sealedText('after it') });
  await settle();
  expect(await texts(one)).toEqual(['after it']);
});

test('an answer in a conversation that this device has never heard of harms nothing', async () => {
  const { relay, client, one, clock, texts } = await connected();
  const told = record(client, 'messages.changed');
  const stranger = createId<ConversationId>();
  relay.tell({ type: 'refused', conversation: stranger, id: createId<MessageId>(), code: 'forbidden', message: 'No.' });
  relay.say(one, { payload: sealedText('as ever') });
  await clock.until(() => told.some(({ conversation }) => conversation === one));
  expect(told.filter(({ messages }) => messages.length > 0).map(({ conversation }) => conversation)).toEqual([one]);
  expect(await texts(one)).toEqual(['as ever']);
});

test('a page is answered, however long a log the relay makes up and however little of it it has', async () => {
  const { client, relay, one } = await connected();
  relay.meddle = changing('fetched', (frame) => [{ ...frame, head: 2 ** 40, messages: [] }]);
  const far = { id: createId<MessageId>(), user: relay.peer.id, device: createId<never>(), kind: 'content', time: 1 };
  relay.tell({ type: 'deliver', conversation: one, messages: [{ ...far, seq: 2 ** 40, payload: sealedText('far') }] });
  await settle();
  const page = await client.invoke('messages.page', { conversation: one, anchor: { at: 'latest' } });
  expect(page).toMatchObject({ messages: [{ id: far.id }], hasOlder: true });
  const than = page.messages[0]?.order ?? 0;
  const older = await client.invoke('messages.page', { conversation: one, anchor: { at: 'older', than } });
  expect(older.messages).toEqual([]);
});
