/** The data directory: who may hold it, what it refuses, and what it looks like from outside. */
import Database from 'better-sqlite3';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqliteStore, type SqliteStore } from '../../../signaling-server/adapters/sqlite/sqlite-store.ts';
import { message } from '../../support/relay-client.ts';
import { addConversation, addPerson, silentLog, temporaryDirectory } from '../../support/relay-core.ts';
import { silentMetrics } from '../../../signaling-server/observe/silent-metrics.ts';

let root: string;
beforeEach(() => {
  root = temporaryDirectory();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function open(dataDir = root): Promise<SqliteStore> {
  return openSqliteStore({ dataDir, clock: Date.now, log: silentLog, metrics: silentMetrics });
}

it('is made where it is missing, and readable by its owner alone', async () => {
  const dataDir = join(root, 'new', 'data');
  const store = await open(dataDir);
  await addPerson(store);
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  for (const file of readdirSync(dataDir))
    expect([file, statSync(join(dataDir, file)).mode & 0o777]).toEqual([file, 0o600]);
  await store.close();
});

it('is refused to a second relay, and free again after the first has closed', async () => {
  const first = await open();
  await expect(open()).rejects.toMatchObject({ code: 'storage_busy' });
  await addPerson(first);
  await expect(open()).rejects.toMatchObject({ code: 'storage_busy' });
  await first.close();
  await (await open()).close();
});

it('keeps the relay’s id over restarts', async () => {
  const first = await open();
  await first.close();
  const second = await open();
  expect(second.relayId).toBe(first.relayId);
  await second.close();
});

it('with a database of a newer relay is refused and stays as it is, byte for byte', async () => {
  const store = await open();
  const { file, schemaVersion } = store;
  await store.close();
  const db = new Database(file);
  db.pragma(`user_version = ${schemaVersion + 1}`);
  db.close();
  const before = readFileSync(file);
  await expect(open()).rejects.toMatchObject({ code: 'storage_newer' });
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(existsSync(`${file}-wal`)).toBe(false);
  await expect(open()).rejects.toMatchObject({ code: 'storage_newer' });
});

it('with something that is no database is refused, and stays as it is', async () => {
  const file = join(root, 'relay.db');
  writeFileSync(file, 'this is not a database, but it is somebody’s file. '.repeat(100));
  const before = readFileSync(file);
  await expect(open()).rejects.toMatchObject({ code: 'storage_failed' });
  expect(readFileSync(file).equals(before)).toBe(true);
});

it('that is a file is refused with words', async () => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  await expect(open(file)).rejects.toMatchObject({ code: 'storage_failed' });
});

it('is copied while in use, to a file that opens by itself', async () => {
  const store = await open();
  const [anna, ben] = [await addPerson(store), await addPerson(store)];
  const conversation = await addConversation(store, anna, ben);
  const rows = Array.from({ length: 500 }, () => ({
    ...message(conversation, 'x'),
    user: anna.user,
    device: anna.device,
    kind: 'content',
  }));
  await store.log.append(rows, Date.now());
  const copyDir = join(root, 'copy');
  mkdirSync(copyDir);
  const file = join(copyDir, 'relay.db');
  const copied = store.backup(file);
  await store.log.append(
    [{ ...message(conversation, 'during'), user: anna.user, device: anna.device, kind: 'content' }],
    Date.now(),
  );
  await copied;
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await expect(store.backup(file)).rejects.toMatchObject({ code: 'bad_request' });
  const copy = await open(copyDir);
  expect(copy.relayId).toBe(store.relayId);
  const messages = await copy.log.read(conversation, { from: 1, to: 1e6, limit: 1e6, maxBytes: 1e9 });
  expect(messages.length).toBeGreaterThanOrEqual(500);
  await copy.close();
  await store.close();
});

it('keeps its write-ahead log bounded under load, and loses nothing by that', async () => {
  const store = await open();
  const [anna, ben] = [await addPerson(store), await addPerson(store)];
  const conversation = await addConversation(store, anna, ben);
  const payload = new Uint8Array(8_000);
  for (let group = 0; group < 400; group++) {
    const rows = Array.from({ length: 30 }, () => ({
      ...message(conversation, ''),
      payload,
      user: anna.user,
      device: anna.device,
      kind: 'content',
    }));
    await store.log.append(rows, Date.now());
  }
  expect(statSync(`${store.file}-wal`).size).toBeLessThan(48 * 1024 * 1024);
  await store.close();
  const again = await open();
  expect((await again.conversations.get(conversation, anna.user))?.head).toBe(12_000);
  await again.close();
});
