/** Large histories: screens are answered while they come in, and all of it is there afterwards. Speeds are in `bench/`. */
import { expect, onTestFinished, test } from 'vitest';
import type { ConversationId } from '../../../protocol/index.ts';
import { temporaryFolder } from '../../support/engine-client.ts';
import { converse, eventually, fillLog, openPerson, record, type Person } from '../../support/engine-people.ts';
import { BadNetwork } from '../../support/bad-network.ts';
import { spawnRelay, startRelay } from '../../support/start-relay.ts';

interface Missed {
  readonly address: string;
  readonly dataDir: string;
  readonly conversation: ConversationId;
}

/** Bob was away while Alice wrote; the relay is a process of its own, so that only the engine is measured here. */
async function missed(count: number): Promise<Missed> {
  const relayDir = await temporaryFolder();
  const first = await startRelay({ dataDir: relayDir });
  const alice = await openPerson(first.address, 'alice');
  const bob = await openPerson(first.address, 'bob');
  const conversation = await converse(alice, bob);
  await alice.stop();
  await bob.stop();
  await fillLog(first, conversation, alice, count);
  await first.stop();
  const relay = await spawnRelay({ dataDir: relayDir, port: first.port });
  onTestFinished(async () => void (await relay.stop()));
  return { address: relay.address, dataDir: bob.dataDir, conversation };
}

function caughtUp(bob: Person, conversation: ConversationId, count: number): Promise<void> {
  return eventually(async () => {
    expect((await bob.invoke('connection.get')).state).toBe('online');
    expect((await bob.invoke('conversations.get', { conversation })).unread).toBe(count);
  }, 60_000);
}

test('20,000 missed messages come in while the screens are answered, and all are found afterwards', async () => {
  const { address, dataDir, conversation } = await missed(20_000);
  const bob = await openPerson(address, 'bob', { dataDir, known: true });
  const states = record(bob, 'connection.changed');
  const reloads = record(bob, 'messages.changed');
  const answeredWhileSyncing = new Promise<void>((answered) => {
    bob.on('connection.changed', ({ state }) => {
      if (state !== 'syncing') return;
      void bob.invoke('conversations.list', {}).then(async () => {
        if ((await bob.invoke('connection.get')).state === 'syncing') answered();
      });
    });
  });
  await answeredWhileSyncing;
  await caughtUp(bob, conversation, 20_000);

  expect(states.some((view) => view.state === 'syncing' && view.total === 20_000 && view.received > 0)).toBe(true);
  expect(reloads.every(({ reload }) => reload)).toBe(true);
  const [hit] = await bob.invoke('messages.search', { query: 'message 12345' });
  expect(hit?.message.seq).toBe(12_345);
}, 60_000);

test('over a narrow line the newest messages are there, and come in, long before those of years', async () => {
  const { address, conversation } = await missed(30_000);
  const line = await BadNetwork.open(Number(new URL(address).port), {
    delayMs: 30,
    hiccupMs: 200,
    bytesPerSecond: 200 * 1024,
  });
  onTestFinished(() => line.close());
  const bob = await openPerson(line.address, 'bob', { known: true });
  const alice = await openPerson(address, 'alice', { known: true });
  await eventually(async () => {
    const page = await bob.invoke('messages.page', { conversation, anchor: { at: 'latest' } });
    expect(page.messages.at(-1)?.seq).toBe(30_000);
  });
  const { messages } = await bob.invoke('messages.page', { conversation, anchor: { at: 'latest' } });
  const than = messages[0]?.order ?? 0;
  const older = await bob.invoke('messages.page', { conversation, anchor: { at: 'older', than } });
  expect(older.messages.at(-1)?.seq).toBe(than - 1);
  await eventually(async () => {
    const sent = await alice.invoke('conversations.get', { conversation });
    expect(sent.head).toBe(30_000);
  });
  await alice.invoke('messages.send', { conversation, text: 'Are you there?' });
  await eventually(async () => {
    const page = await bob.invoke('messages.page', { conversation, anchor: { at: 'latest' } });
    expect(page.messages.at(-1)?.content).toMatchObject({ text: 'Are you there?' });
  });
  expect((await bob.invoke('connection.get')).state).toBe('syncing');
  const [first] = await bob.invoke('messages.search', { query: 'Message 29000:' });
  expect(first).toBeUndefined();
}, 60_000);

test('a history of 50,000 messages opens again, pages anywhere, and is searched as a whole', async () => {
  const { address, dataDir, conversation } = await missed(50_000);
  const bob = await openPerson(address, 'bob', { dataDir, known: true });
  await caughtUp(bob, conversation, 50_000);
  await bob.stop();

  const again = await openPerson(address, 'bob', { dataDir, known: true });
  const latest = await again.invoke('messages.page', { conversation, anchor: { at: 'latest' } });
  const middle = await again.invoke('messages.page', { conversation, anchor: { at: 'older', than: 25_000 } });
  const hits = await again.invoke('messages.search', { query: 'lazy dog' });
  expect(latest.messages.at(-1)?.seq).toBe(50_000);
  expect(middle.messages.at(-1)?.seq).toBe(24_999);
  expect(hits).toHaveLength(50);
}, 120_000);
