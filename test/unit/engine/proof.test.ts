/** Proof of the same data: against a relay in the test's hands, with a history that is changed behind the engine's back. */
import { firstRefs } from '../../../main/engine/connection/questions.ts';
import { expect, test } from 'vitest';
import {
  createId,
  encodeContent,
  milliseconds,
  type ConversationId,
  type DeviceId,
  type RelayFrame,
} from '../../../protocol/index.ts';
import type { SyncStatus } from '../../../bridge/views.ts';
import type { HeadlessClient } from '../../../main/engine/headless.ts';
import { silentLog, type Log } from '../../../main/engine/runtime/log.ts';
import { allMessages, scriptedSetting, sealedText, textOf, type ScriptedSetting } from '../../support/engine-client.ts';
import { settle } from '../../support/engine-clock.ts';
import { withHistory } from '../../support/engine-history.ts';
import { linksOf, type Chained } from '../../support/engine-relay-chain.ts';

async function setting() {
  const made = await scriptedSetting();
  made.relay.features = ['chain'];
  return { ...made, conversation: made.relay.addConversation() };
}

function fill({ relay }: ScriptedSetting, conversation: ConversationId, count: number): void {
  for (let number = 1; number <= count; number++) {
    relay.append(conversation, { payload: sealedText(`message ${number}`) });
  }
}

/** Asks again and again, as a page does, until the status fits. */
async function until(
  { clock }: ScriptedSetting,
  client: HeadlessClient,
  conversation: ConversationId,
  fits: (status: SyncStatus) => boolean,
): Promise<SyncStatus> {
  await clock.until(async () => fits(await client.invoke('sync.status', { conversation })));
  return client.invoke('sync.status', { conversation });
}

const isSame = ({ state, seq, head }: SyncStatus) => state === 'same' && seq === head && seq > 0;

/** Every link that was ever asked of the relay. */
function askedSeqs({ relay }: ScriptedSetting): number[] {
  return relay.received.flatMap((frame) => (frame.type === 'chain' ? frame.seqs : []));
}

function refetched({ relay }: ScriptedSetting): { from: number; to: number }[] {
  const again = relay.received.filter((frame) => frame.type === 'fetch' && frame.ref >= firstRefs.again);
  return again.flatMap((frame) => (frame.type === 'fetch' ? [{ from: frame.from, to: frame.to }] : []));
}

/** Lies about links on their way to the device. */
function lying(change: (links: Chained['links']) => Chained['links']) {
  return (frames: RelayFrame[]) =>
    frames.map((frame) => (frame.type === 'chained' ? { ...frame, links: change(frame.links) } : frame));
}

async function texts(client: HeadlessClient, conversation: ConversationId): Promise<string[]> {
  return (await allMessages(client, conversation)).map(textOf);
}

test('after sync a device signs off what it holds, and says that it is the same', async () => {
  const world = await setting();
  fill(world, world.conversation, 700);
  const client = await world.open();
  const status = await until(world, client, world.conversation, isSame);
  expect(status).toMatchObject({ seq: 700, head: 700, from: 1, problem: null, repair: null });
  expect(status.devices).toMatchObject([{ device: world.relay.device, current: true, state: 'same', seq: 700 }]);
  const [word] = world.relay.words.get(world.conversation) ?? [];
  const links = linksOf(world.conversation, world.relay.logOf(world.conversation).messages);
  expect(Buffer.from(word?.link ?? [])).toEqual(Buffer.from(links[700] ?? []));
});

test('it goes on from where it stood: what was compared once is not asked again, and new messages are signed off', async () => {
  const world = await setting();
  fill(world, world.conversation, 10);
  const client = await world.open();
  await until(world, client, world.conversation, isSame);
  world.relay.say(world.conversation, { payload: sealedText('one more') });
  await client.invoke('messages.send', { conversation: world.conversation, text: 'mine' });
  await world.clock.until(() => world.relay.words.get(world.conversation)?.[0]?.seq === 12);
  expect(await until(world, client, world.conversation, isSame)).toMatchObject({ seq: 12, problem: null });
  expect(new Set(askedSeqs(world))).toEqual(new Set([10, 12]));
});

test('a busy conversation is compared no more than once a minute', async () => {
  const world = await setting();
  fill(world, world.conversation, 1);
  await world.open();
  await world.clock.until(() => askedSeqs(world).length === 1);
  const before = world.clock.monotonic();
  while (world.clock.monotonic() - before < 5 * milliseconds.minute) {
    world.relay.say(world.conversation, { payload: sealedText('and on') });
    await world.clock.advance(2_000);
  }
  const asked = askedSeqs(world).length - 1;
  expect(asked).toBeGreaterThanOrEqual(2);
  expect(asked).toBeLessThanOrEqual(6);
});

test('after a sync the newest conversations are compared first, one after the other', async () => {
  const world = await setting();
  const { relay, clock } = world;
  const ids = [world.conversation, ...Array.from({ length: 5 }, () => relay.addConversation())];
  for (const [place, id] of ids.entries()) {
    fill(world, id, 3);
    relay.append(id, { payload: sealedText('the last'), time: clock.now() + ((place * 2) % 7) * 1_000 });
  }
  const newestFirst = [3, 2, 5, 1, 4, 0].map((place) => ids[place]);
  const asked = () => relay.received.flatMap((frame) => (frame.type === 'chain' ? [frame.conversation] : []));
  await world.open();
  await clock.until(() => asked().length > 0);
  expect(asked().length).toBeLessThan(ids.length);
  await clock.until(() => asked().length === ids.length);
  expect(asked()).toEqual(newestFirst);
});

test('other devices are told apart: one that holds the same, one that is behind, one that differs', async () => {
  const world = await setting();
  fill(world, world.conversation, 300);
  const { relay, conversation } = world;
  const links = linksOf(conversation, relay.logOf(conversation).messages);
  const word = (seq: number, link = links[seq]) => ({
    ...{ user: relay.peer.id, device: createId<DeviceId>(), seq, link: link ?? new Uint8Array(32), time: 1_000 },
  });
  relay.words.set(conversation, [word(300), word(20), word(257, new Uint8Array(32).fill(9))]);
  const client = await world.open();
  const status = await until(world, client, conversation, ({ state }) => state === 'different');
  expect(status.problem?.code).toBe('device_differs');
  const others = status.devices.filter(({ current }) => !current).map(({ state, seq }) => ({ state, seq }));
  expect(others).toEqual([
    { state: 'same', seq: 300 },
    { state: 'same', seq: 20 },
    { state: 'different', seq: 257 },
  ]);
  expect(status.devices[0]).toMatchObject({ current: true, state: 'same' });
  expect(status.devices[1]?.person).toMatchObject({ id: relay.peer.id, displayName: 'Ben' });
  expect(refetched(world)).toEqual([]);
});

test('a message that was changed behind the back of the engine is found, fetched again and told of', async () => {
  const world = await setting();
  const { conversation } = world;
  fill(world, conversation, 2_000);
  const first = await world.open();
  await until(world, first, conversation, isSame);
  await first.stop();
  withHistory(world.dataDir, (database) => {
    const wrong = Buffer.from(sealedText('forged'));
    database.prepare('UPDATE messages SET payload = ? WHERE seq = 777').run(wrong);
    database.prepare('UPDATE messages SET device = ? WHERE seq = 1500').run(createId<DeviceId>());
  });
  const client = await world.open();
  await world.clock.until(async () => (await client.invoke('connection.get')).state === 'online');
  const states: SyncStatus['state'][] = [];
  client.on('sync.changed', ({ state }) => states.push(state));
  await client.invoke('sync.check', { conversation });
  const status = await until(world, client, conversation, ({ repair, state }) => repair !== null && state === 'same');
  expect(status).toMatchObject({ problem: null, repair: { done: 2, total: 2 }, from: 1 });
  expect(states.filter((state, index) => state !== states[index - 1])).toEqual(['checking', 'repairing', 'same']);
  expect(refetched(world)).toEqual([
    { from: 769, to: 1024 },
    { from: 1281, to: 1536 },
  ]);
  await client.stop();
  withHistory(world.dataDir, (database) => {
    const payload = database.prepare('SELECT payload FROM messages WHERE seq = 777').pluck().get() as Buffer;
    expect(payload).toEqual(Buffer.from(sealedText('message 777')));
    expect(database.prepare('SELECT seq FROM displaced_messages ORDER BY seq').pluck().all()).toEqual([777, 1500]);
    expect(database.prepare('SELECT count(*) FROM messages').pluck().get()).toBe(2_000);
  });
});

test('messages that went missing are found and put in again, and nothing counts twice', async () => {
  const world = await setting();
  const { conversation } = world;
  fill(world, conversation, 600);
  const first = await world.open();
  await until(world, first, conversation, isSame);
  const { unread } = await first.invoke('conversations.get', { conversation });
  await first.stop();
  withHistory(world.dataDir, (database) => {
    database.prepare('DELETE FROM messages WHERE seq IN (1, 2, 300, 301, 600)').run();
  });
  const client = await world.open();
  const status = await until(world, client, conversation, ({ repair, state }) => repair !== null && state === 'same');
  expect(status).toMatchObject({ problem: null, repair: { done: 5 }, from: 1 });
  expect(await texts(client, conversation)).toHaveLength(600);
  expect((await client.invoke('conversations.get', { conversation })).unread).toBe(unread);
});

test('a link that is remembered wrong is computed anew; no message is fetched for it', async () => {
  const world = await setting();
  const { conversation } = world;
  fill(world, conversation, 1_000);
  const first = await world.open();
  await until(world, first, conversation, isSame);
  await first.stop();
  withHistory(world.dataDir, (database) =>
    database.prepare('UPDATE chain_checkpoints SET link = zeroblob(32) WHERE seq >= 512').run(),
  );
  const client = await world.open();
  await world.clock.until(async () => (await client.invoke('connection.get')).state === 'online');
  await client.invoke('sync.check', { conversation });
  expect(await until(world, client, conversation, isSame)).toMatchObject({ problem: null, repair: null });
  expect(refetched(world)).toEqual([]);
});

test('damage is found in idle time once a day, without anybody asking', async () => {
  const world = await setting();
  const { conversation } = world;
  fill(world, conversation, 400);
  const first = await world.open();
  await until(world, first, conversation, isSame);
  await first.stop();
  withHistory(world.dataDir, (database) =>
    database.prepare("UPDATE messages SET payload = x'00' WHERE seq = 42").run(),
  );
  const client = await world.open();
  await settle();
  const found: SyncStatus[] = [];
  client.on('sync.changed', (status) => found.push(status));
  await world.clock.advance(milliseconds.day + milliseconds.hour);
  expect(found.find(({ repair }) => repair?.done === 1)).toBeDefined();
  expect(await client.invoke('sync.status', { conversation })).toMatchObject({ state: 'same', problem: null });
}, 60_000);

test('damage that is found while the relay is away is shown, and mended once it is back', async () => {
  const world = await setting();
  const { conversation, relay } = world;
  fill(world, conversation, 300);
  const first = await world.open();
  await until(world, first, conversation, isSame);
  await first.stop();
  withHistory(world.dataDir, (database) =>
    database.prepare("UPDATE messages SET payload = x'00' WHERE seq = 42").run(),
  );
  relay.up = false;
  const client = await world.open();
  await world.clock.advance(milliseconds.day + milliseconds.hour);
  const damaged = await client.invoke('sync.status', { conversation });
  expect(damaged).toMatchObject({ state: 'different', problem: { code: 'history_damaged' }, repair: null });
  relay.up = true;
  expect(await until(world, client, conversation, isSame)).toMatchObject({ problem: null, repair: { done: 1 } });
}, 60_000);

test('without the relay nothing is claimed, and what was found before stays to be seen', async () => {
  const world = await setting();
  const { conversation } = world;
  fill(world, conversation, 3);
  const client = await world.open();
  const { checkedAt } = await until(world, client, conversation, isSame);
  world.relay.up = false;
  world.relay.cut();
  await settle();
  expect(await client.invoke('sync.status', { conversation })).toMatchObject({ state: 'unknown', checkedAt });
  await expect(client.invoke('sync.check', { conversation })).rejects.toMatchObject({ code: 'relay_unreachable' });
  world.relay.up = true;
  await until(world, client, conversation, isSame);
});

test('a relay of before chains is told of, and nothing is claimed', async () => {
  const world = await setting();
  world.relay.features = [];
  fill(world, world.conversation, 3);
  const client = await world.open();
  const status = await until(world, client, world.conversation, ({ problem }) => problem !== null);
  expect(status).toMatchObject({ state: 'unknown', problem: { code: 'relay_old' } });
  await world.clock.advance(milliseconds.hour);
  expect(world.relay.received.filter(({ type }) => type === 'chain' || type === 'attest')).toEqual([]);
});

test('a relay that vouches for something else than it hands out is shown, and nothing is removed for it', async () => {
  const world = await setting();
  const { conversation, relay } = world;
  fill(world, conversation, 800);
  // Ben's device holds what this one does: so a person can tell who is wrong.
  const [link = new Uint8Array()] = linksOf(conversation, relay.logOf(conversation).messages).slice(-1);
  const word = { user: relay.peer.id, device: createId<DeviceId>(), seq: 800, link, time: 1_000 };
  relay.words.set(conversation, [word]);
  relay.meddle = lying((links) =>
    links.map(({ seq, link }) => (seq < 600 ? { seq, link } : { seq, link: link.map((byte) => byte ^ 1) })),
  );
  const client = await world.open();
  const status = await until(world, client, conversation, ({ state }) => state === 'different');
  expect(status).toMatchObject({ problem: { code: 'diverged' }, repair: null });
  expect(refetched(world)).toEqual([{ from: 513, to: 768 }]);
  expect(status.devices).toMatchObject([
    { current: true, state: 'different' },
    { device: word.device, current: false, state: 'same', seq: 800 },
  ]);
  expect(await texts(client, conversation)).toHaveLength(800);
  relay.up = false;
  relay.cut();
  await settle();
  expect(await client.invoke('sync.status', { conversation })).toMatchObject({ state: 'different' });
  relay.meddle = (frames) => frames;
  relay.up = true;
  expect(await until(world, client, conversation, isSame)).toMatchObject({ problem: null });
});

test('a relay that leaves links out, or answers what nobody asked, brings nothing to a halt', async () => {
  const world = await setting();
  const { conversation, relay } = world;
  fill(world, conversation, 5);
  relay.meddle = lying(() => []);
  const client = await world.open();
  relay.tell(
    { type: 'chained', ref: 0x8000_0000, conversation: createId<ConversationId>(), head: 1, links: [], devices: [] },
    { type: 'chained', ref: 7, conversation, head: 1, links: [], devices: [] },
    { type: 'fetched', ref: 0xc000_0000, conversation, head: 1, messages: [] },
  );
  await world.clock.until(() => askedSeqs(world).length >= 1);
  await settle();
  expect(await client.invoke('sync.status', { conversation })).toMatchObject({
    ...{ state: 'unknown', checkedAt: null, problem: { code: 'unavailable' } },
  });
  relay.meddle = (frames) => frames;
  await until(world, client, conversation, isSame);
});

test('where neither device nor relay has the beginning, the proof begins behind it and says so', async () => {
  const world = await setting();
  const { conversation, relay } = world;
  fill(world, conversation, 900);
  const gone = 300;
  relay.meddle = (frames) =>
    frames.flatMap((frame): RelayFrame[] => {
      if (frame.type !== 'deliver' && frame.type !== 'fetched') return [frame];
      const messages = frame.messages.filter(({ seq }) => seq > gone);
      return messages.length > 0 || frame.type === 'fetched' ? [{ ...frame, messages }] : [];
    });
  const client = await world.open();
  expect(await until(world, client, conversation, isSame)).toMatchObject({ from: gone + 1, seq: 900, problem: null });
  expect(await texts(client, conversation)).toHaveLength(600);
  // The relay finds them again, and a person looks from the first message on.
  relay.meddle = (frames) => frames;
  await client.invoke('sync.check', { conversation });
  const whole = await until(world, client, conversation, ({ from, state }) => from === 1 && state === 'same');
  expect(whole).toMatchObject({ repair: { done: 300 } });
  expect(await texts(client, conversation)).toHaveLength(900);
});

test('a relay that was put back to an earlier state is told of until it has again what it lost', async () => {
  const world = await setting();
  const { conversation, relay } = world;
  fill(world, conversation, 20);
  const client = await world.open();
  await until(world, client, conversation, isSame);
  const lost = relay.logOf(conversation).messages.splice(15);
  relay.cut();
  const status = await until(world, client, conversation, ({ state }) => state === 'different');
  expect(status.problem?.code).toBe('relay_behind');
  for (let more = 0; more < 5; more++) relay.say(conversation, { payload: sealedText(`new ${more}`) });
  const grown = await until(world, client, conversation, ({ seq, checkedAt }) => seq === 20 && checkedAt !== null);
  expect(grown).toMatchObject({ state: 'different', problem: { code: 'relay_behind' } });
  for (const message of lost) relay.say(conversation, message);
  expect(await until(world, client, conversation, isSame)).toMatchObject({ seq: 25, problem: null });
});

test('messages that went missing below links that are remembered are found by reading everything again', async () => {
  const world = await setting();
  const { conversation } = world;
  fill(world, conversation, 900);
  const first = await world.open();
  await until(world, first, conversation, isSame);
  await first.stop();
  withHistory(world.dataDir, (database) => {
    database.exec(`CREATE TEMP TABLE kept AS SELECT * FROM chain_checkpoints;
      DELETE FROM messages WHERE seq BETWEEN 100 AND 420; INSERT INTO chain_checkpoints SELECT * FROM kept
      WHERE seq NOT IN (SELECT seq FROM chain_checkpoints)`);
  });
  const client = await world.open();
  expect(await until(world, client, conversation, isSame)).toMatchObject({ repair: null });
  await client.invoke('sync.check', { conversation });
  const status = await until(world, client, conversation, ({ repair, state }) => repair !== null && state === 'same');
  expect(status).toMatchObject({ problem: null, repair: { done: 321, total: 321 }, from: 1 });
  expect(await texts(client, conversation)).toHaveLength(900);
});

test('a message that was taken back keeps its place in the proof, though nothing of it is left here', async () => {
  const world = await setting();
  const { conversation, relay } = world;
  const { id: target } = relay.append(conversation, { payload: sealedText('a mistake') });
  const client = await world.open();
  await until(world, client, conversation, isSame);
  const content = encodeContent({ kind: 'delete', target });
  relay.say(conversation, { payload: Uint8Array.from([0, ...content]) });
  await world.clock.until(async () => (await allMessages(client, conversation))[0]?.content.kind === 'deleted');
  await client.invoke('sync.check', { conversation });
  const status = await until(world, client, conversation, (each) => isSame(each) && each.devices[0]?.seq === 2);
  expect(status).toMatchObject({ problem: null, repair: null });
  await client.stop();
  withHistory(world.dataDir, (database) => {
    const payloads = database.prepare('SELECT payload FROM messages ORDER BY seq').pluck().all() as Buffer[];
    expect(payloads[0]).toHaveLength(0);
    database.prepare('UPDATE messages SET payload_hash = zeroblob(32) WHERE seq = 1').run();
  });
  const again = await world.open();
  await world.clock.until(async () => (await again.invoke('connection.get')).state === 'online');
  await again.invoke('sync.check', { conversation });
  await until(world, again, conversation, ({ repair, state }) => repair?.done === 1 && state === 'same');
  expect(await allMessages(again, conversation)).toMatchObject([{ id: target, content: { kind: 'deleted' } }]);
});

test('a message that the device before had sent already is taken for that device’s when it is accepted again', async () => {
  const world = await setting();
  const { conversation, relay } = world;
  const first = await world.open();
  await world.clock.until(async () => (await first.invoke('connection.get')).state === 'online');
  relay.verdict = () => ({ do: 'accept-silently' });
  await first.invoke('messages.send', { conversation, text: 'sent by the device before' });
  await settle();
  await first.stop();
  const { messages } = relay.logOf(conversation);
  messages.splice(0, 1, ...messages.map((sent) => ({ ...sent, device: createId<DeviceId>() })));
  relay.verdict = () => ({ do: 'accept' });
  // What the relay has comes only after the message was sent and accepted once more.
  const held: RelayFrame[] = [];
  relay.meddle = (frames) =>
    frames.flatMap((frame): RelayFrame[] => {
      if (frame.type === 'accepted') return [frame, ...held.splice(0)];
      if (frame.type !== 'deliver' && frame.type !== 'synced') return [frame];
      held.push(frame);
      return [];
    });
  const client = await world.open();
  await world.clock.until(() => relay.received.filter(({ type }) => type === 'send').length === 2);
  expect(await until(world, client, conversation, isSame)).toMatchObject({ repair: null, problem: null });
  expect(refetched(world)).toEqual([]);
  expect(await texts(client, conversation)).toEqual(['sent by the device before']);
});

test('a relay that says its own log is damaged is shown in its words', async () => {
  const world = await setting();
  const { conversation, relay } = world;
  fill(world, conversation, 3);
  relay.meddle = (frames) =>
    frames.map((frame) => {
      if (frame.type !== 'chained') return frame;
      return { type: 'error', ref: frame.ref, conversation, code: 'storage_failed', message: 'The log is damaged.' };
    });
  const client = await world.open();
  const status = await until(world, client, conversation, ({ state }) => state === 'different');
  expect(status.problem).toEqual({ code: 'relay_damaged', message: 'The log is damaged.' });
});

test('an engine that closes in the middle of it ends at once, without a fault, and goes on with the next start', async () => {
  const world = await setting();
  const { conversation, relay } = world;
  fill(world, conversation, 3_000);
  const faults: string[] = [];
  const log: Log = { ...silentLog, error: (event) => void faults.push(event) };
  for (const moment of [0, 900, 1_000, 1_100, 1_300]) {
    relay.autoFlush = true;
    const client = await world.open({ log });
    await world.clock.until(async () => (await client.invoke('connection.get')).state === 'online');
    if (moment % 200 === 0) void client.invoke('sync.check', { conversation }).catch(() => {});
    await world.clock.advance(moment);
    relay.autoFlush = moment % 300 === 0;
    await client.stop();
  }
  relay.autoFlush = true;
  const client = await world.open({ log });
  expect(await until(world, client, conversation, isSame)).toMatchObject({ seq: 3_000, repair: null });
  expect(faults).toEqual([]);
});

test('a link that breaks in the middle of a look, or of a repair, is no difference, and the next link goes on with it', async () => {
  const world = await setting();
  const { conversation, relay } = world;
  fill(world, conversation, 900);
  const first = await world.open();
  await until(world, first, conversation, isSame);
  await first.stop();
  withHistory(world.dataDir, (database) => database.prepare('DELETE FROM messages WHERE seq IN (10, 400)').run());
  let cuts = 0;
  relay.meddle = (frames) => {
    const isAnswer = frames.some(({ type }) => type === 'chained' || type === 'fetched');
    if (!isAnswer || cuts++ % 2 === 1) return frames;
    setImmediate(() => relay.cut());
    return [];
  };
  const client = await world.open();
  const told: SyncStatus[] = [];
  client.on('sync.changed', (status) => told.push(status));
  const status = await until(world, client, conversation, (each) => isSame(each) && each.repair !== null);
  expect(status).toMatchObject({ problem: null, from: 1 });
  expect(cuts).toBeGreaterThanOrEqual(4);
  expect(told.filter(({ state }) => state === 'different')).toEqual([]);
  expect(await texts(client, conversation)).toHaveLength(900);
});

test('a relay that lies about everything keeps a device busy for a while and no longer', async () => {
  const world = await setting();
  const { conversation, relay } = world;
  fill(world, conversation, 600);
  let turn = 0;
  relay.meddle = (frames) =>
    frames.map((frame) => {
      if (frame.type === 'chained') {
        return {
          ...frame,
          links: frame.links.map(({ seq }) => ({ seq, link: new Uint8Array(32).fill(turn++ % 256) })),
        };
      }
      if (frame.type !== 'fetched') return frame;
      return {
        ...frame,
        messages: frame.messages.map((message) => ({ ...message, payload: sealedText(`lie ${turn++}`) })),
      };
    });
  const client = await world.open();
  const status = await until(world, client, conversation, ({ state }) => state === 'different');
  expect(status.problem?.code).toBe('diverged');
  expect(relay.received.length).toBeLessThan(100);
  const before = relay.received.length;
  await world.clock.advance(5 * milliseconds.minute);
  expect(relay.received.length - before).toBeLessThan(60);
  relay.meddle = (frames) => frames;
  await client.invoke('sync.check', { conversation });
  await until(world, client, conversation, isSame);
  expect(await texts(client, conversation)).toEqual(Array.from({ length: 600 }, (_, index) => `message ${index + 1}`));
});
