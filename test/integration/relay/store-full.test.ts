/** Every kind of write to a full disk is refused as that, changes nothing, and goes through once there is room. */
import Database from 'better-sqlite3';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { blobIdSchema, sealedSize, type ConversationId, type DeviceId } from '../../../protocol/index.ts';
import { openSqliteStore, type SqliteStore } from '../../../signaling-server/adapters/sqlite/sqlite-store.ts';
import { silentMetrics } from '../../../signaling-server/observe/silent-metrics.ts';
import { message } from '../../support/relay-client.ts';
import {
  addConversation,
  addDevice,
  addPerson,
  hashOf,
  silentLog,
  temporaryDirectory,
} from '../../support/relay-core.ts';
import type { TestDevice } from '../../support/relay-core.ts';

let dataDir: string;
let store: SqliteStore;
/** The store's own connection, to set its limit. */
let db: Database.Database;
let anna: TestDevice;
let conversation: ConversationId;

beforeEach(async () => {
  dataDir = temporaryDirectory();
  const pragma = vi.spyOn(Database.prototype, 'pragma');
  store = await openSqliteStore({ dataDir, clock: Date.now, log: silentLog, metrics: silentMetrics });
  const main = pragma.mock.contexts.find((each) => (each as Database.Database).name === store.file);
  if (!main) throw new Error('The store opened no database.');
  db = main as Database.Database;
  anna = await addPerson(store);
  conversation = await addConversation(store, anna, anna);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const link = (): Uint8Array => randomBytes(32);
const blob = () => blobIdSchema.parse(randomBytes(32).toString('hex'));
const hold = () => ({ user: anna.user, conversation, blob: blob(), bytes: sealedSize(5), at: 1 });
const noLimits = { quotaBytes: null, uploads: 1e6 };
let seq = 0;

/** One write of each kind. Repeated, each takes more and more room. */
const writes: Record<string, () => Promise<unknown>> = {
  message: () => {
    const row = { ...message(conversation, 'x'.repeat(500)), user: anna.user, device: anna.device, kind: 'content' };
    return store.log.append([row], 1);
  },
  account: () => addPerson(store),
  device: () => addDevice(store, anna.profile),
  invite: () => {
    const label = randomBytes(8).toString('hex');
    const invite = { label, createdAt: 1, expiresAt: null, uses: 0, maxUses: 1, revoked: false };
    return store.invites.create({ ...invite, hash: hashOf(label) });
  },
  checkpoint: () => store.chains.keep(conversation, [{ seq: (seq += 256), link: link() }]),
  upload: () => store.blobs.begin(hold(), noLimits),
};

async function untilFull(write: () => Promise<unknown>): Promise<unknown> {
  for (let tries = 0; tries < 2_000; tries++) {
    const outcome = await write().then(
      () => null,
      (error: unknown) => error,
    );
    if (outcome !== null) return outcome;
  }
  throw new Error('The disk took everything.');
}

function setRoom(pages: number): void {
  db.pragma(`max_page_count = ${(db.pragma('page_count', { simple: true }) as number) + pages}`);
}

const rowsOf = (table: string): number => db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? -1;
const tables = [
  'log',
  'users',
  'devices',
  'invites',
  'chain_checkpoints',
  'attestations',
  'blob_uploads',
  'blob_holds',
];

it.each(Object.keys(writes))('a %s', async (kind) => {
  const write = writes[kind];
  if (!write) throw new Error('unknown');
  await write();
  setRoom(2);
  expect(await untilFull(write)).toMatchObject({ code: 'storage_full' });
  const before = tables.map(rowsOf);
  await expect(write()).rejects.toMatchObject({ code: 'storage_full' });
  expect(tables.map(rowsOf)).toEqual(before);
  expect(await store.conversations.get(conversation, anna.user)).toMatchObject({ head: rowsOf('log') });
  setRoom(100_000);
  await write();
  expect(tables.map(rowsOf)).not.toEqual(before);
});

it('what devices sign off, together with what others ask for in the same turn', async () => {
  const devices: DeviceId[] = [];
  for (let count = 0; count < 300; count++) devices.push((await addDevice(store, anna.profile)).device);
  const words = devices.map((device) => ({ conversation, user: anna.user, device, seq: 0, link: link(), at: 1 }));
  setRoom(0);
  const both = await Promise.allSettled([store.chains.attest(words), writes['message']?.()]);
  expect(both).toMatchObject([
    { status: 'rejected', reason: { code: 'storage_full' } },
    { status: 'rejected', reason: { code: 'storage_full' } },
  ]);
  expect(await store.chains.attestations(conversation)).toEqual([]);
  setRoom(100_000);
  await store.chains.attest(words);
  expect(await store.chains.attestations(conversation)).toHaveLength(300);
  expect(await writes['message']?.()).toMatchObject([{ state: 'accepted', seq: 1 }]);
});

it('a revocation that cannot be remembered is not made', async () => {
  const lost = await addDevice(store, anna.profile);
  // Ending the session gives back the room that remembering it takes, so a full disk alone does not stop it.
  db.exec("CREATE TRIGGER fault BEFORE INSERT ON revoked_tokens BEGIN SELECT raise(ABORT, 'no room'); END");
  await expect(store.devices.revoke(anna.user, [lost.device], { erase: true })).rejects.toThrow('no room');
  expect(await store.devices.byToken(hashOf(lost.token))).not.toBeNull();
  db.exec('DROP TRIGGER fault');
  expect(await store.devices.revoke(anna.user, [lost.device], { erase: true })).toEqual([lost.device]);
  expect(await store.devices.isToErase(hashOf(lost.token))).toBe(true);
});

it('a blob that is whole, which is then still an upload', async () => {
  const uploads = Array.from({ length: 150 }, hold);
  for (const upload of uploads) await store.blobs.begin(upload, noLimits);
  setRoom(0);
  const last = { ...hold(), at: 2 };
  expect(await untilFull(() => store.blobs.begin(hold(), noLimits))).toMatchObject({ code: 'storage_full' });
  const outcomes = await Promise.allSettled(uploads.map((upload) => store.blobs.complete(upload, 3)));
  const refused = uploads.filter((_, index) => outcomes[index]?.status === 'rejected');
  for (const upload of refused) expect(await store.blobs.upload(upload)).not.toBeNull();
  setRoom(100_000);
  for (const upload of refused) expect(await store.blobs.complete(upload, 4)).toEqual([conversation]);
  for (const { blob: id, bytes } of uploads) expect(await store.blobs.sizeIn(conversation, id)).toBe(bytes);
  expect(await store.blobs.begin(last, noLimits)).toEqual({ state: 'held' });
});
