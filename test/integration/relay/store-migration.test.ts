/** A database of an earlier relay is brought to this one's schema at the start, with everything that was in it. */
import Database from 'better-sqlite3';
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { blobIdSchema, sealedSize } from '../../../protocol/index.ts';
import { firstSchema } from '../../../signaling-server/adapters/sqlite/schema-001-first.ts';
import { blobSchema } from '../../../signaling-server/adapters/sqlite/schema-002-blobs.ts';
import { chainSchema } from '../../../signaling-server/adapters/sqlite/schema-003-chains.ts';
import { openSqliteStore, type SqliteStore } from '../../../signaling-server/adapters/sqlite/sqlite-store.ts';
import { silentMetrics } from '../../../signaling-server/observe/silent-metrics.ts';
import { message } from '../../support/relay-client.ts';
import { addConversation, addPerson, hashOf, silentLog, temporaryDirectory } from '../../support/relay-core.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = temporaryDirectory();
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const open = (): Promise<SqliteStore> =>
  openSqliteStore({ dataDir, clock: Date.now, log: silentLog, metrics: silentMetrics });

function schemaOf(db: Database.Database): unknown[] {
  return db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all();
}

/** What each step after the first added. */
const addedTables = [
  ['blob_holds', 'blob_uploads', 'blob_removals'],
  ['chain_checkpoints', 'attestations', 'revoked_tokens'],
  ['cold_segments'],
];

/** Takes away what later steps added. */
function makeVersion(version: number, file: string): unknown[] {
  const db = new Database(file);
  for (const table of addedTables.slice(version - 1).flat()) db.exec(`DROP TABLE ${table}`);
  db.pragma(`user_version = ${version}`);
  const schema = schemaOf(db);
  db.close();
  return schema;
}

function schemaAndVersion(file: string): [unknown[], unknown] {
  const db = new Database(file, { readonly: true });
  const found: [unknown[], unknown] = [schemaOf(db), db.pragma('user_version', { simple: true })];
  db.close();
  return found;
}

it('a database of version 1 keeps its people and messages, and takes files from then on', async () => {
  const first = await open();
  const [anna, ben] = [await addPerson(first), await addPerson(first)];
  const conversation = await addConversation(first, anna, ben);
  const row = { ...message(conversation, 'before'), user: anna.user, device: anna.device, kind: 'content' };
  await first.log.append([row], Date.now());
  await first.close();
  const [newest] = schemaAndVersion(first.file);
  expect(makeVersion(1, first.file)).toEqual(schemaOf(new Database(':memory:').exec(firstSchema)));

  const store = await open();
  expect(store.relayId).toBe(first.relayId);
  const kept = await store.log.read(conversation, { from: 1, to: 10, limit: 10, maxBytes: 1e6 });
  expect(kept.map(({ id }) => id)).toEqual([row.id]);
  const hold = {
    user: anna.user,
    conversation,
    blob: blobIdSchema.parse('ab'.repeat(32)),
    bytes: sealedSize(5),
    at: Date.now(),
  };
  expect(await store.blobs.begin(hold, { quotaBytes: null, uploads: 10 })).toMatchObject({ state: 'held' });
  expect(await store.blobs.complete(hold, Date.now())).toEqual([conversation]);
  expect(await store.blobs.sizeIn(conversation, hold.blob)).toBe(hold.bytes);
  await store.close();
  expect(schemaAndVersion(store.file)).toEqual([newest, store.schemaVersion]);
});

it('a database of version 2 keeps its people, messages and sessions, and takes chains from then on', async () => {
  const second = await open();
  const [anna, ben] = [await addPerson(second), await addPerson(second)];
  const conversation = await addConversation(second, anna, ben);
  const row = { ...message(conversation, 'before'), user: anna.user, device: anna.device, kind: 'content' };
  await second.log.append([row], Date.now());
  await second.close();
  const [newest] = schemaAndVersion(second.file);
  expect(makeVersion(2, second.file)).toEqual(schemaOf(new Database(':memory:').exec(firstSchema + blobSchema)));

  const store = await open();
  expect(store.relayId).toBe(second.relayId);
  expect(await store.log.read(conversation, { from: 1, to: 9, limit: 9, maxBytes: 1e6 })).toMatchObject([
    { id: row.id },
  ]);
  const said = { conversation, user: anna.user, device: anna.device, seq: 1, link: new Uint8Array(32), at: 5 };
  await store.chains.attest([said]);
  expect(await store.chains.attestations(conversation)).toMatchObject([{ device: anna.device, seq: 1, at: 5 }]);
  await store.chains.keep(conversation, [{ seq: 256, link: new Uint8Array(32) }]);
  expect(await store.chains.checkpoint(conversation, 300)).toMatchObject({ seq: 256 });
  await store.devices.revoke(anna.user, [anna.device], { erase: true });
  expect(await store.devices.isToErase(hashOf(anna.token))).toBe(true);
  await store.close();
  expect(schemaAndVersion(store.file)).toEqual([newest, store.schemaVersion]);
});

it('a database of version 3 keeps its people, messages and chains, and takes segments from then on', async () => {
  const third = await open();
  const [anna, ben] = [await addPerson(third), await addPerson(third)];
  const conversation = await addConversation(third, anna, ben);
  const row = { ...message(conversation, 'before'), user: anna.user, device: anna.device, kind: 'content' };
  await third.log.append([row], Date.now());
  await third.chains.keep(conversation, [{ seq: 256, link: new Uint8Array(32) }]);
  await third.close();
  const [newest] = schemaAndVersion(third.file);
  const expected = new Database(':memory:').exec(firstSchema + blobSchema + chainSchema);
  expect(makeVersion(3, third.file)).toEqual(schemaOf(expected));

  const store = await open();
  expect(await store.log.read(conversation, { from: 1, to: 9, limit: 9, maxBytes: 1e6 })).toMatchObject([
    { id: row.id },
  ]);
  expect(await store.chains.checkpoint(conversation, 300)).toMatchObject({ seq: 256 });
  expect(await store.cold.any()).toBe(false);
  const bytes32 = new Uint8Array(32);
  const segment = {
    ...{ conversation, firstSeq: 1, lastSeq: 4, object: 'cold/a', bytes: 9, hash: bytes32, link: bytes32 },
    ...{ leastId: row.id, greatestId: row.id, notedAt: 5 },
  };
  expect([await store.cold.note(segment), await store.cold.note(segment)]).toEqual([true, false]);
  expect(await store.cold.holding(conversation, 4)).toMatchObject({ object: 'cold/a', pruned: false, notedAt: 5 });
  expect(await store.cold.holding(conversation, 5)).toBeNull();
  await store.close();
  expect(schemaAndVersion(store.file)).toEqual([newest, store.schemaVersion]);
});
