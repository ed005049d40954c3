/** The second copy of a history, the daily look at all of it, and what becomes of a damaged one with and without a copy. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { openHeadlessEngine, type HeadlessClient } from '../../../main/engine/headless.ts';
import type { ConversationId } from '../../../protocol/index.ts';
import { accountFolder, damagePageWith, damageRoot, historyFile } from '../../support/damaged-history.ts';
import { converse, eventually, fillLog, openPerson, record, texts, type Person } from '../../support/engine-people.ts';
import { temporaryFolder } from '../../support/engine-client.ts';
import { startRelay, type TestRelay } from '../../support/start-relay.ts';

let relay: TestRelay;
let alice: Person;
let bob: Person;
let conversation: ConversationId;

beforeEach(async () => {
  relay = await startRelay({ dataDir: await temporaryFolder() });
  onTestFinished(() => relay.stop());
  alice = await openPerson(relay.address, 'alice');
  bob = await openPerson(relay.address, 'bob');
  conversation = await converse(alice, bob);
});

const copyOf = (person: Person): string => join(accountFolder(person.dataDir), 'parley-copy.db');

async function write(...said: string[]): Promise<void> {
  const before = await texts(alice, conversation);
  for (const text of said) await bob.invoke('messages.send', { conversation, text });
  await eventually(async () => expect(await texts(alice, conversation)).toEqual([...before, ...said]));
}

async function makeCopy(client: HeadlessClient): Promise<void> {
  await client.invoke('safekeeping.set', { keepCopy: true });
  await eventually(async () => expect((await client.invoke('safekeeping.get')).copiedAt).not.toBeNull());
}

async function reopen(person: Person): Promise<HeadlessClient> {
  const client = await openHeadlessEngine({ dataDir: person.dataDir });
  onTestFinished(() => client.stop());
  return client;
}

test('a copy is made, complete and sound, and goes when it is not wanted any more', async () => {
  await write('one', 'two');
  const told = record(alice, 'safekeeping.changed');
  await makeCopy(alice);
  expect(told.at(-1)).toMatchObject({ keepCopy: true, checkedAt: told.at(-1)?.copiedAt });
  const copy = new Sqlite(copyOf(alice), { readonly: true });
  expect(copy.prepare('SELECT text FROM messages ORDER BY seq').pluck().all()).toEqual(['one', 'two']);
  expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
  copy.close();
  expect(await alice.invoke('safekeeping.set', { keepCopy: false })).toMatchObject({ keepCopy: false, copiedAt: null });
  expect(existsSync(copyOf(alice))).toBe(false);
});

test('in place of a damaged history stands its copy, with what waits to be sent, even while the relay is away', async () => {
  await write('one', 'two');
  await makeCopy(alice);
  await write('three');
  await relay.stop();
  await alice.invoke('messages.send', { conversation, text: 'waiting' });
  await alice.stop();
  damageRoot(historyFile(alice.dataDir), 'messages');

  const again = await reopen(alice);
  expect(await texts(again, conversation)).toEqual(['one', 'two', 'waiting']);
  relay = await startRelay({ dataDir: relay.dataDir, port: Number(new URL(relay.address).port) });
  await again.invoke('connection.retry');
  await eventually(async () => expect(await texts(again, conversation)).toEqual(['one', 'two', 'three', 'waiting']));
  await eventually(async () => expect(await texts(bob, conversation)).toEqual(['one', 'two', 'three', 'waiting']));
});

test('without a copy, what can be read of a damaged history is kept, and the relay gives the rest', async () => {
  await fillLog(relay, conversation, bob, 2_000);
  // Live, so that Alice hears of it and fetches the others.
  await bob.invoke('messages.send', { conversation, text: 'the last' });
  await eventually(async () => expect(await texts(alice, conversation)).toHaveLength(2_001));
  await relay.stop();
  await alice.stop();
  damageRoot(historyFile(alice.dataDir), 'messages_by_seq');
  damagePageWith(historyFile(alice.dataDir), 'Message 1000: the quick');

  const again = await reopen(alice);
  const saved = await eventually(() => texts(again, conversation));
  expect(saved).toContain('Message 1: the quick brown fox jumps over the lazy dog');
  expect(saved).toContain('the last');
  expect(saved).not.toContain('Message 1000: the quick brown fox jumps over the lazy dog');
  expect(saved.length).toBeGreaterThan(1_900);

  relay = await startRelay({ dataDir: relay.dataDir, port: Number(new URL(relay.address).port) });
  await again.invoke('connection.retry');
  await eventually(async () => expect(await texts(again, conversation)).toHaveLength(2_001));
  expect(await again.invoke('messages.search', { query: 'Message 1000' })).toHaveLength(1);
  expect(await texts(again, conversation)).toEqual(await texts(bob, conversation));
});

test('damage that nobody has met yet is found by the look at all of the history, and mended', async () => {
  await fillLog(relay, conversation, bob, 2_000);
  await bob.invoke('messages.send', { conversation, text: 'the last' });
  await eventually(async () => expect(await texts(alice, conversation)).toHaveLength(2_001));
  await alice.stop();
  damagePageWith(historyFile(alice.dataDir), 'Message 1000: the quick');

  const again = await reopen(alice);
  const notices = record(again, 'notice');
  await again.invoke('safekeeping.set', { keepCopy: true });
  await eventually(() => expect(notices).toMatchObject([{ code: 'storage_damaged' }]));
  await eventually(async () => expect(await texts(again, conversation)).toEqual(await texts(bob, conversation)));
});
