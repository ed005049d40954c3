/** Files in the history: older histories, rules of fetching, displaced messages, what is in use, and sealing from a source. */
import { appendFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { defaultMediaSettings } from '../../../bridge/media-views.ts';
import { createMediaIntake } from '../../../main/engine/media/media-intake.ts';
import { createMediaSettings } from '../../../main/engine/media/settings.ts';
import { sealFile } from '../../../main/engine/blobs/seal-file.ts';
import { decodedContent } from '../../../main/engine/messaging/decode.ts';
import { silentLog } from '../../../main/engine/runtime/log.ts';
import { restore, salvage, setAside } from '../../../main/engine/storage/damage.ts';
import { openDatabase } from '../../../main/engine/storage/database.ts';
import { historyMigrations } from '../../../main/engine/storage/migrations.ts';
import { openStore, type Store } from '../../../main/engine/storage/store.ts';
import type { Transfers } from '../../../main/engine/transfers/transfers.ts';
import {
  chunkFormat,
  createId,
  encodeContent,
  milliseconds,
  type ConversationId,
  type DeviceId,
  type Envelope,
  type MediaItem,
  type MessageId,
  type UserId,
} from '../../../protocol/index.ts';
import { temporaryFolder } from '../../support/engine-client.ts';
import { foreignBlob, madeUpBytes, openTestVault, type TestVault } from '../../support/engine-vault.ts';

const ben = { id: createId<UserId>(), username: 'ben', displayName: 'Ben' };
const now = Date.UTC(2026, 10, 23);

function conversationIn(store: Store): ConversationId {
  const id = createId<ConversationId>();
  store.people.save(ben);
  const cursors = [{ user: ben.id, delivered: 0, read: 0 }];
  store.conversations.save({ id, kind: 'direct', epoch: 0, head: 0, createdAt: 0, activeAt: 0, cursors });
  return id;
}

function itemOf(bytes: number, facts: Partial<MediaItem> = {}): MediaItem {
  const { blob, key } = foreignBlob(madeUpBytes(16, Math.random()));
  return { kind: 'file', name: 'a.bin', type: 'application/octet-stream', bytes, blob, key, ...facts };
}

function envelopeOf(items: MediaItem[], facts: Partial<Envelope> = {}): Envelope {
  const payload = encodeContent({ kind: 'media', items });
  const id = createId<MessageId>();
  return { seq: 1, id, user: ben.id, device: createId<DeviceId>(), kind: 'content', time: now, payload, ...facts };
}

function insert(store: Store, conversation: ConversationId, envelope: Envelope): void {
  store.transact(() => void store.messages.insert(conversation, envelope, decodedContent(envelope.payload)));
}

async function opened(): Promise<TestVault> {
  const here = await openTestVault(await temporaryFolder());
  onTestFinished(async () => {
    await here.vault.close();
    here.store.close();
  });
  return here;
}

test('a history of the version before files opens with its messages and its outbox, and takes files', async () => {
  const file = join(await temporaryFolder(), 'history.db');
  const conversation = createId<ConversationId>();
  const [id, waiting] = [createId<MessageId>(), createId<MessageId>()];
  const old = openDatabase({ file, migrations: historyMigrations.slice(0, 1) });
  old.exec(`
    INSERT INTO people (key, id, username, display_name) VALUES (1, '${ben.id}', 'ben', 'Ben');
    INSERT INTO conversations (key, id, kind, epoch, head, created_at, active_at) VALUES (1, '${conversation}', 'direct', 0, 1, 0, 0);
    INSERT INTO messages (rowid, conversation, seq, id, sender, device, own, kind, time, content_kind, text, reply_to, payload)
      VALUES (1024, 1, 1, '${id}', 1, 'device', 0, 'content', 1, 'text', 'from before', NULL, x'00');
    INSERT INTO message_index (rowid, text) VALUES (1024, 'from before');`);
  const content = encodeContent({ kind: 'text', text: 'still waiting' });
  old
    .prepare('INSERT INTO outbox (conversation, id, content, text, typed_at) VALUES (?, ?, ?, ?, ?)')
    .run(conversation, waiting, content, 'still waiting', 5);
  old.close();

  const store = openStore(file, () => ben);
  onTestFinished(() => store.close());
  expect(store.messageViews.byId(conversation, id)).toMatchObject({ content: { kind: 'text', text: 'from before' } });
  expect(store.outbox.next(conversation)).toMatchObject({ id: waiting, state: 'queued', sources: null });
  expect(
    store.search.find({ indexed: ['before'], matches: () => true, conversation, beforeRowid: 1e15, limit: 9 }),
  ).toHaveLength(1);
  insert(store, conversation, envelopeOf([itemOf(10)], { seq: 2 }));
  expect(store.messageViews.newer(conversation, 1, 1)).toMatchObject([{ content: { kind: 'media' } }]);
});

test('a message whose place another one takes keeps its files while it is lost, and a repeated one has them once', async () => {
  const { store } = await opened();
  const conversation = conversationIn(store);
  const envelope = envelopeOf([itemOf(10), itemOf(20)]);
  insert(store, conversation, envelope);
  insert(store, conversation, envelope);
  expect(store.media.inMessages(conversation, [envelope.id])).toHaveLength(2);
  const other = envelopeOf([itemOf(30)]);
  insert(store, conversation, other);
  expect(store.messageViews.byId(conversation, envelope.id)).toMatchObject({
    state: 'lost',
    content: { kind: 'media' },
  });
  expect(store.media.inMessages(conversation, [envelope.id])).toHaveLength(2);
  expect(store.media.inMessages(conversation, [other.id])).toHaveLength(1);
  insert(store, conversation, { ...envelope, seq: 2 });
  expect(store.media.inMessages(conversation, [envelope.id])).toHaveLength(2);
  expect(store.messageViews.byId(conversation, envelope.id)).toMatchObject({ state: 'received', seq: 2 });
});

async function intakeOf(here: TestVault) {
  const transfers = { look: vi.fn(), offer: vi.fn() };
  const device = createId<DeviceId>();
  const found: MessageId[] = [];
  const intake = createMediaIntake({
    store: here.store,
    vault: here.vault,
    transfers: transfers as unknown as Transfers,
    letGo: { look() {} },
    settings: createMediaSettings(here.store.state),
    device: () => device,
    now: () => now,
    log: silentLog,
    onFound: (_conversation, message) => found.push(message),
  });
  const conversation = conversationIn(here.store);
  let seq = 0;
  const take = (items: MediaItem[], facts: Partial<Envelope> = {}) => {
    const envelope = envelopeOf(items, { seq: ++seq, ...facts });
    insert(here.store, conversation, envelope);
    here.store.transact(() => intake.store({ conversation, envelope, items }));
    intake.stored([{ conversation, envelope, items }]);
    return envelope;
  };
  const wanted = () => here.store.transfers.unfinished().map(({ blob }) => blob);
  return { intake, transfers, device, found, conversation, take, wanted };
}

test('files are wanted by size and kind, if they are recent and not from this very device', async () => {
  const here = await opened();
  const { take, wanted, device, transfers, conversation, intake } = await intakeOf(here);
  const { autoDownload } = defaultMediaSettings;
  const jpeg = { kind: 'picture', name: 'a.jpg', type: 'image/jpeg' } as const;
  const small = itemOf(autoDownload.file);
  const large = itemOf(autoDownload.file + 1);
  const picture = itemOf(autoDownload.picture, jpeg);
  const disguised = itemOf(autoDownload.picture, { ...jpeg, name: 'a.jpg.exe' });
  take([small, large, picture, disguised]);
  expect(wanted().sort()).toEqual([small.blob, picture.blob].sort());
  expect(transfers.look).toHaveBeenCalled();

  const old = itemOf(1);
  const seen = take([old], { time: now - 3 * milliseconds.day - 1 });
  const recent = itemOf(1);
  take([recent], { time: now - 3 * milliseconds.day });
  const own = itemOf(1);
  const ownMessage = take([own], { device });
  expect(wanted().sort()).toEqual([small.blob, picture.blob, recent.blob].sort());
  intake.seen(conversation, [seen.id, ownMessage.id]);
  expect(wanted()).toContain(old.blob);
  here.store.transfers.setState(old.blob, 'cancelled', null, now);
  intake.seen(conversation, [seen.id]);
  expect(wanted()).not.toContain(old.blob);
});

test('with a rule of nothing not even an empty file is fetched', async () => {
  const here = await opened();
  here.store.state.set('media-settings', {
    ...defaultMediaSettings,
    autoDownload: { ...defaultMediaSettings.autoDownload, file: 0 },
  });
  const { take, wanted } = await intakeOf(here);
  take([itemOf(0)]);
  expect(wanted()).toEqual([]);
});

test('files that an earlier history had are found again when their messages come back', async () => {
  const here = await opened();
  const blob = foreignBlob(madeUpBytes(2 * chunkFormat.plainBytes + 7));
  await here.vault.expect(blob);
  await here.vault.takeHashes(blob.blob, blob.hashes);
  for (const [index, chunk] of blob.chunks.entries()) await here.vault.put(blob.blob, index, chunk);
  await here.vault.close();
  here.store.close();
  rmSync(join(here.folder, 'history.db'));
  Object.assign(here, await openTestVault(here.folder));
  const { take, found, device, transfers, intake } = await intakeOf(here);
  const { key, bytes } = blob;
  const envelope = take([itemOf(bytes, { blob: blob.blob, key })], { device });
  await vi.waitFor(() => expect(transfers.offer).toHaveBeenCalledWith(blob.blob));
  expect(found).toEqual([envelope.id]);
  expect(here.store.blobs.get(blob.blob)).toMatchObject({ whole: true });
  expect(here.store.transfers.get(blob.blob)).toMatchObject({ direction: 'out' });
  await intake.idle();
});

test('only what can be had again counts as removable', async () => {
  const { store, self } = await opened();
  const conversation = conversationIn(store);
  const [here, elsewhere] = [createId<DeviceId>(), createId<DeviceId>()];
  let seq = 0;
  const have = (
    facts: Partial<Envelope>,
    direction: 'in' | 'out' | null,
    settle: (blob: MediaItem['blob']) => void = () => {},
  ) => {
    const item = itemOf(100);
    const envelope = envelopeOf([item], { seq: ++seq, ...facts });
    insert(store, conversation, envelope);
    store.transact(() => {
      store.blobs.mark(item.blob, new Uint8Array(), true);
      const ref = { conversation, message: envelope.id, item: 0 };
      if (direction) store.transfers.add({ blob: item.blob, direction, ref, now });
      settle(item.blob);
    });
    return () => store.usage.held(here).find(({ blob }) => blob === item.blob)?.removable;
  };
  const own = { user: self.id };
  expect(have({}, null)()).toBe(true);
  expect(have({}, 'in')()).toBe(false);
  expect(have({}, 'in', (blob) => store.transfers.setState(blob, 'done', null, now))()).toBe(true);
  expect(have({ ...own, device: here }, null)()).toBe(false);
  expect(have({ ...own, device: elsewhere }, null)()).toBe(true);
  expect(have({ ...own, device: here }, 'out')()).toBe(false);
  expect(have({ ...own, device: elsewhere }, 'out')()).toBe(false);
  expect(have({ ...own, device: here }, 'out', (blob) => store.transfers.setPublished(blob, true))()).toBe(true);
  expect(have({ ...own, device: here }, 'out', (blob) => store.transfers.addDelivery(blob, ben.id))()).toBe(true);
  expect(
    have({ ...own, device: here }, 'out', (blob) => store.transfers.setState(blob, 'cancelled', null, now))(),
  ).toBe(false);
});

test('a damaged history keeps where the files of waiting messages come from', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'parley.db');
  const store = openStore(file, () => ben);
  const conversation = conversationIn(store);
  const [id, next] = [createId<MessageId>(), createId<MessageId>()];
  const sources = new Uint8Array([0x91, 0xa1, 0x2f]);
  const row = { conversation, content: new Uint8Array([1]), text: null, replyTo: null, typedAt: 1 };
  store.outbox.add({ ...row, id, sources });
  store.outbox.add({ ...row, id: next });
  expect(store.outbox.next(conversation)?.id).toBe(next);
  store.close();
  const saved = salvage(setAside(file, now));
  const again = openStore(file, () => ben);
  onTestFinished(() => again.close());
  restore(again, saved);
  expect(again.outbox.get(id)).toMatchObject({ state: 'preparing', sources: Buffer.from(sources) });
  expect(again.outbox.next(conversation)?.id).toBe(next);
  again.outbox.fail(id, { code: 'file_changed', message: 'changed' });
  expect(again.outbox.nextPreparing()).toBeNull();
  expect(again.outbox.revive(id)).toBe(true);
  expect(again.outbox.nextPreparing()?.id).toBe(id);
  again.outbox.setPrepared(id, new Uint8Array([2]), null);
  expect(again.outbox.next(conversation)).toMatchObject({ id, state: 'queued', sources: null });
});

test('sealing a source that grows, goes or is stopped fails with words and leaves nothing behind', async () => {
  const here = await opened();
  const path = join(here.folder, 'source.bin');
  const seal = (onProgress: (bytes: number) => void, signal = new AbortController().signal) => {
    writeFileSync(path, madeUpBytes(3 * chunkFormat.plainBytes));
    return sealFile({ path, writer: here.vault.writer(), signal, onProgress });
  };
  await expect(seal(() => appendFileSync(path, 'more'))).rejects.toMatchObject({ code: 'file_changed' });
  await expect(seal(() => writeFileSync(path, 'less'))).rejects.toMatchObject({ code: 'file_changed' });
  await expect(seal(() => rmSync(path, { force: true }))).rejects.toMatchObject({ code: 'file_unreadable' });
  const controller = new AbortController();
  await expect(seal(() => controller.abort(), controller.signal)).rejects.toThrow(/abort/i);
  await expect(
    sealFile({ path: here.folder, writer: here.vault.writer(), signal: new AbortController().signal, onProgress() {} }),
  ).rejects.toMatchObject({ code: 'file_unreadable' });
  expect(readdirSync(join(here.folder, 'blobs', 'staging'))).toEqual([]);
  const steps: number[] = [];
  const ref = await seal((bytes) => steps.push(bytes));
  expect(steps).toEqual([1, 2, 3].map((count) => count * chunkFormat.plainBytes));
  expect(ref.bytes).toBe(3 * chunkFormat.plainBytes);
});
