/** Histories that are damaged, too new, or in use elsewhere. */
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { createHeadlessClient, openHeadlessEngine } from '../../../main/engine/headless.ts';
import { converse, eventually, openPerson, password, record, texts, type Person } from '../../support/engine-people.ts';
import { accountFolder, damageRoot } from '../../support/damaged-history.ts';
import { startRelay, type TestRelay } from '../../support/start-relay.ts';
import type { ConversationId } from '../../../protocol/index.ts';

let relay: TestRelay;
let alice: Person;
let bob: Person;
let conversation: ConversationId;

beforeEach(async () => {
  relay = await startRelay();
  onTestFinished(() => relay.stop());
  alice = await openPerson(relay.address, 'alice');
  bob = await openPerson(relay.address, 'bob');
  conversation = await converse(alice, bob);
  for (const text of ['one', 'two', 'three']) await bob.invoke('messages.send', { conversation, text });
  await eventually(async () => expect(await texts(alice, conversation)).toEqual(['one', 'two', 'three']));
});

test('a history that is no database any more is set aside and fetched again', async () => {
  await alice.stop();
  const file = join(accountFolder(alice.dataDir), 'parley.db');
  writeFileSync(file, 'this is not a database, it is a poem about one'.repeat(200));
  const again = await createHeadlessClient({
    dataDir: alice.dataDir,
    address: relay.address,
    username: 'alice',
    password,
  });
  onTestFinished(() => again.stop());
  const notices = record(again, 'notice');
  await eventually(async () => expect(await texts(again, conversation)).toEqual(['one', 'two', 'three']));
  await eventually(() => expect(notices).toHaveLength(1));
  expect(notices[0]).toMatchObject({ code: 'storage_damaged' });
  const aside = readdirSync(accountFolder(alice.dataDir)).filter((name) => name.startsWith('parley-damaged-'));
  expect(aside).toHaveLength(1);
  expect(notices[0]?.message).toContain(aside[0]);
  expect(readFileSync(join(accountFolder(alice.dataDir), aside[0] ?? ''), 'utf8')).toContain('poem');
});

test('of a half-damaged history the outbox and the drafts are carried over', async () => {
  await relay.stop();
  await alice.invoke('messages.send', { conversation, text: 'still waiting' });
  await alice.invoke('drafts.set', { conversation, text: 'unfinished' });
  await alice.stop();
  damageRoot(join(accountFolder(alice.dataDir), 'parley.db'), 'conversations');
  const again = await openHeadlessEngine({ dataDir: alice.dataDir });
  onTestFinished(() => again.stop());
  const notices = record(again, 'notice');
  expect(await again.invoke('session.get')).toMatchObject({ state: 'signed-in' });
  await eventually(() => expect(notices[0]?.message ?? '').toContain('were kept'));
  await again.stop();
  const [file = ''] = readdirSync(accountFolder(alice.dataDir)).filter((name) => name === 'parley.db');
  const database = new Sqlite(join(accountFolder(alice.dataDir), file), { readonly: true });
  expect(database.prepare('SELECT text FROM outbox').all()).toEqual([{ text: 'still waiting' }]);
  expect(database.prepare('SELECT text FROM drafts').all()).toEqual([{ text: 'unfinished' }]);
  database.close();
});

test('damage that shows while the engine runs is repaired without a restart', async () => {
  await alice.stop();
  damageRoot(join(accountFolder(alice.dataDir), 'parley.db'), 'message_index_data');
  const again = await createHeadlessClient({
    dataDir: alice.dataDir,
    address: relay.address,
    username: 'alice',
    password,
  });
  onTestFinished(() => again.stop());
  const notices = record(again, 'notice');
  expect(await texts(again, conversation)).toEqual(['one', 'two', 'three']);
  expect(notices).toEqual([]);

  await bob.invoke('messages.send', { conversation, text: 'four' });
  await eventually(async () => expect(await texts(again, conversation)).toEqual(['one', 'two', 'three', 'four']));
  expect(notices).toMatchObject([{ code: 'storage_damaged' }]);
  expect(await again.invoke('messages.search', { query: 'four' })).toHaveLength(1);
});

test('a history of a newer version is refused and left untouched', async () => {
  await alice.stop();
  const file = join(accountFolder(alice.dataDir), 'parley.db');
  const database = new Sqlite(file);
  database.pragma('user_version = 999');
  database.close();
  const before = { bytes: readFileSync(file), modified: statSync(file).mtimeMs };
  await expect(openHeadlessEngine({ dataDir: alice.dataDir })).rejects.toMatchObject({ code: 'storage_newer' });
  expect(readFileSync(file).equals(before.bytes)).toBe(true);
  expect(statSync(file).mtimeMs).toBe(before.modified);
  expect(readdirSync(accountFolder(alice.dataDir))).toEqual(['parley.db']);
});

test('a profile that another engine has open is refused', async () => {
  await expect(openHeadlessEngine({ dataDir: alice.dataDir })).rejects.toMatchObject({ code: 'storage_busy' });
  expect(await texts(alice, conversation)).toHaveLength(3);
});

test('a damaged profile file costs a log in and nothing else', async () => {
  await alice.stop();
  truncateSync(join(alice.dataDir, 'profile.db'), 300);
  const again = await openHeadlessEngine({ dataDir: alice.dataDir });
  onTestFinished(() => again.stop());
  expect(await again.invoke('session.get')).toMatchObject({ state: 'signed-out', reason: 'never' });
  await again.invoke('session.login', { address: relay.address, username: 'alice', password });
  expect(await texts(again, conversation)).toEqual(['one', 'two', 'three']);
});
