/** A relay that went back in time, as a device meets it: what it lost is kept in its place, sent again, and taken back. */
import { expect, test } from 'vitest';
import type { HeadlessClient } from '../../../main/engine/headless.ts';
import {
  encodeContent,
  type ConversationId,
  type Envelope,
  type FrameOf,
  type ClientFrame,
} from '../../../protocol/index.ts';
import { allMessages, scriptedSetting, sealedText, textOf } from '../../support/engine-client.ts';
import type { EngineRelay } from '../../support/engine-relay.ts';

type Sent = FrameOf<ClientFrame, 'send'>;

const isSend = (frame: ClientFrame): frame is Sent => frame.type === 'send';

async function conversing(count: number) {
  const setting = await scriptedSetting();
  const conversation = setting.relay.addConversation();
  for (let seq = 1; seq <= count; seq++) setting.relay.append(conversation, { payload: sealedText(`m${seq}`) });
  const client = await setting.open();
  const online = () => setting.clock.until(async () => (await client.invoke('connection.get')).state === 'online');
  await online();
  return { ...setting, client, conversation, online };
}

/** An own message that the relay accepted. */
async function say(
  { client, conversation, clock }: Awaited<ReturnType<typeof conversing>>,
  text: string,
): Promise<void> {
  const { id } = await client.invoke('messages.send', { conversation, text });
  await clock.until(async () =>
    (await allMessages(client, conversation)).some((one) => one.id === id && one.seq !== null),
  );
}

/** The relay goes back to a log of that length. @returns what it lost. */
function goBack(relay: EngineRelay, conversation: ConversationId, length: number): Envelope[] {
  const lost = relay.logOf(conversation).messages.splice(length);
  relay.received.length = 0;
  relay.cut();
  return lost;
}

async function standing(
  client: HeadlessClient,
  conversation: ConversationId,
): Promise<(readonly [string, number | null])[]> {
  return (await allMessages(client, conversation)).map((message) => [textOf(message), message.seq] as const);
}

test('own messages are sent again in their order, under their ids and with their bytes, before what was typed later', async () => {
  const world = await conversing(2);
  const { client, conversation, relay, clock } = world;
  for (const text of ['a', 'b', 'c']) await say(world, text);
  relay.up = false;
  relay.cut();
  await client.invoke('messages.send', { conversation, text: 'typed later' });
  const lost = goBack(relay, conversation, 2);
  relay.up = true;
  await clock.until(() => relay.logOf(conversation).messages.length === 6);
  const sent = relay.received.filter(isSend);
  expect(sent.slice(0, 3).map(({ id, payload }) => [id, Buffer.from(payload)])).toEqual(
    lost.map(({ id, payload }) => [id, Buffer.from(payload)]),
  );
  await clock.until(async () => (await standing(client, conversation)).every(([, seq]) => seq !== null));
  expect(await standing(client, conversation)).toEqual([
    ['m1', 1],
    ['m2', 2],
    ['a', 3],
    ['b', 4],
    ['c', 5],
    ['typed later', 6],
  ]);
});

test('own changes are sent again, and what was deleted is not', async () => {
  const world = await conversing(1);
  const { client, conversation, relay, clock, online } = world;
  await say(world, 'to be edited');
  await say(world, 'to be deleted');
  const [first, edited, deleted] = await allMessages(client, conversation);
  if (!first || !edited || !deleted) throw new Error('The messages are not there.');
  await client.invoke('messages.edit', { conversation, message: edited.id, text: 'was edited' });
  await client.invoke('messages.react', { conversation, message: first.id, emoji: '👍', on: true });
  await client.invoke('messages.delete', { conversation, message: deleted.id });
  await clock.until(() => relay.logOf(conversation).messages.length === 6);
  goBack(relay, conversation, 1);
  await clock.until(() => relay.logOf(conversation).messages.length === 5);
  await online();
  await clock.advance(2_000);
  expect(relay.received.filter(isSend)).toHaveLength(4);
  const shown = await allMessages(client, conversation);
  expect(shown.map(textOf)).toEqual(['m1', 'was edited']);
  expect(shown[0]?.reactions).toMatchObject([{ emoji: '👍', own: true }]);
  expect(shown[1]).toMatchObject({ edited: true, change: null });
});

test('messages of others that come back take their new places, raise nothing, and stay read', async () => {
  const { client, conversation, relay, clock } = await conversing(6);
  await client.invoke('conversations.mark-read', { conversation, seq: 5 });
  const lost = goBack(relay, conversation, 3);
  await clock.until(async () => (await allMessages(client, conversation)).some(({ state }) => state === 'lost'));
  expect(await client.invoke('conversations.get', { conversation })).toMatchObject({ unread: 0, readSeq: 3 });
  const arrived: string[] = [];
  client.guest.on('message.arrived', ({ text }) => arrived.push(text));
  for (const { id, user, device, payload } of lost) relay.say(conversation, { id, user, device, payload });
  await clock.until(async () => (await allMessages(client, conversation)).every(({ state }) => state === 'received'));
  expect((await standing(client, conversation)).map(([text]) => text)).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6']);
  expect(await client.invoke('conversations.get', { conversation })).toMatchObject({ unread: 1, readSeq: 5 });
  relay.say(conversation, { payload: sealedText('news') });
  await clock.until(() => arrived.length > 0);
  expect(arrived).toEqual(['news']);
});

test('what was lost twice keeps its order, and pages go through it without a gap', async () => {
  const { client, conversation, relay, clock, online } = await conversing(30);
  goBack(relay, conversation, 20);
  await clock.until(async () => (await allMessages(client, conversation)).some(({ state }) => state === 'lost'));
  for (const text of ['n21', 'n22']) relay.say(conversation, { payload: sealedText(text) });
  await clock.until(async () => (await allMessages(client, conversation)).length === 32);
  goBack(relay, conversation, 10);
  await clock.until(async () => (await allMessages(client, conversation))[10]?.state === 'lost');
  await online();
  const shown = await allMessages(client, conversation);
  const texts = shown.map(textOf);
  expect(texts).toEqual([...Array.from({ length: 30 }, (_, place) => `m${place + 1}`), 'n21', 'n22']);
  for (const wanted of [shown[4], shown[15], shown[31]]) {
    if (!wanted) throw new Error('The message is not there.');
    const anchor = { at: 'message', message: wanted.id } as const;
    const page = await client.invoke('messages.page', { conversation, anchor, limit: 9 });
    const ids = page.messages.map(({ id }) => id);
    expect(ids).toContain(wanted.id);
    expect(new Set(ids).size).toBe(9);
    const from = texts.indexOf(textOf(page.messages[0] ?? wanted));
    expect(page.messages.map(textOf)).toEqual(texts.slice(from, from + 9));
  }
  expect(await client.invoke('messages.search', { query: 'm25' })).toHaveLength(1);
});

test('a log that went back and grew to the same length is noticed by the time of its newest message', async () => {
  const world = await conversing(3);
  const { client, conversation, relay, clock, online } = world;
  relay.features = ['chain'];
  relay.cut();
  await online();
  await say(world, 'four');
  await clock.advance(70_000);
  goBack(relay, conversation, 3);
  relay.up = false;
  await clock.advance(10_000);
  relay.append(conversation, { payload: sealedText('another four') });
  relay.up = true;
  await online();
  await clock.until(() => relay.logOf(conversation).messages.length === 5);
  await clock.until(async () => (await allMessages(client, conversation)).every(({ seq }) => seq !== null));
  expect((await standing(client, conversation)).map(([text]) => text)).toEqual([
    'm1',
    'm2',
    'm3',
    'another four',
    'four',
  ]);
});

test('a log that went back and grew past what is held is noticed by the message that is given again', async () => {
  const world = await conversing(3);
  const { client, conversation, relay, clock, online } = world;
  relay.features = ['chain'];
  relay.cut();
  await online();
  await clock.advance(70_000);
  relay.up = false;
  const [, lost] = goBack(relay, conversation, 1);
  if (!lost) throw new Error('Nothing was lost.');
  await clock.advance(10_000);
  relay.append(conversation, { payload: sealedText('another two') });
  // The same message in the same place, which has the same link, and another time.
  const { id, user, device, payload } = lost;
  relay.append(conversation, { id, user, device, payload });
  relay.append(conversation, { payload: sealedText('four') });
  relay.up = true;
  await online();
  await clock.until(async () => (await allMessages(client, conversation)).some(({ state }) => state === 'lost'));
  const shown = await allMessages(client, conversation);
  expect(shown.map((message) => [textOf(message), message.state])).toEqual([
    ['m1', 'received'],
    ['m2', 'lost'],
    ['another two', 'received'],
    ['m3', 'received'],
    ['four', 'received'],
  ]);
  expect(shown.map(({ time }) => time).slice(2)).toEqual(
    relay
      .logOf(conversation)
      .messages.slice(1)
      .map((one) => one.time),
  );
});

test('an own message that cannot be read any more stays where it stood', async () => {
  const { client, conversation, relay, clock } = await conversing(1);
  const strange = { user: relay.self.id, payload: encodeContent({ kind: 'text', text: 'sealed otherwise' }) };
  relay.say(conversation, { ...strange, payload: Uint8Array.of(9, ...strange.payload) });
  await clock.until(async () => (await allMessages(client, conversation)).length === 2);
  goBack(relay, conversation, 1);
  await clock.until(async () => (await allMessages(client, conversation))[1]?.state === 'lost');
  await clock.advance(5_000);
  expect(relay.received.filter(isSend)).toEqual([]);
  expect((await allMessages(client, conversation))[1]).toMatchObject({ state: 'lost', own: true });
});
