/** Which blobs conversations hold, and what is being uploaded. */
import type { Database, Statement } from 'better-sqlite3';
import type { BlobId, ConversationId, UserId } from '../../../protocol/index.ts';
import type { BlobHold, BlobStore, HoldLimits, HoldOutcome } from '../../ports/store.ts';
import { blobFromBytes, blobToBytes, type BlobRow, type BlobRowKey } from './blob-rows.ts';
import type { ConversationCache } from './conversation-cache.ts';
import type { Keys } from './keys.ts';
import type { Writer } from './writer.ts';

interface Deps {
  readonly db: Database;
  readonly writer: Writer;
  readonly keys: Keys;
  readonly cache: ConversationCache;
}

type PublicKey = Pick<BlobHold, 'conversation' | 'user' | 'blob'>;

export function createBlobStore({ db, writer, keys, cache }: Deps): BlobStore {
  const rows = prepareBlobStatements(db);

  /** Null for ids that do not exist: nobody holds anything there. */
  function rowKey({ conversation, user, blob }: PublicKey): BlobRowKey | null {
    const held = cache.find(conversation);
    const userKey = keys.ofUser(user);
    return held === null || userKey === null
      ? null
      : { conversation: held.key, user: userKey, blob: blobToBytes(blob) };
  }

  function used(user: number): number {
    return (rows.heldBytes.get(user) ?? 0) + (rows.uploadedBytes.get(user) ?? 0);
  }

  function overQuota(user: number, more: number, { quotaBytes }: HoldLimits): HoldOutcome | null {
    const usedBytes = used(user);
    return quotaBytes !== null && usedBytes + more > quotaBytes ? { state: 'over_quota', usedBytes } : null;
  }

  function share(key: BlobRowKey, at: number, limits: HoldLimits): HoldOutcome {
    if (rows.renewHold.run({ ...key, at }).changes > 0) return { state: 'held' };
    const bytes = rows.readable.get(key.blob, key.user);
    if (bytes === undefined) return { state: 'not_found' };
    const refusal = overQuota(key.user, bytes, limits);
    if (refusal) return refusal;
    rows.addHold.run({ ...key, bytes, at });
    return { state: 'held' };
  }

  function begin(key: BlobRowKey, bytes: number, at: number, limits: HoldLimits): HoldOutcome {
    const before = rows.upload.get(key)?.bytes;
    const refusal = overQuota(key.user, bytes - (before ?? 0), limits);
    if (refusal) return refusal;
    if (before === undefined && (rows.uploadCount.get(key.user) ?? 0) >= limits.uploads)
      return { state: 'too_many_uploads' };
    rows.putUpload.run({ ...key, bytes, at });
    return { state: 'held' };
  }

  /** Inside the commit that let go of something. */
  function noteIfFree(blob: Buffer): void {
    if (rows.anyHold.get(blob) === undefined) rows.addRemoval.run(blob);
  }

  /** Removes one row in a commit of its own. @returns what `after` says; null when there was none. */
  async function letGo<T>(
    publicKey: PublicKey,
    remove: Statement<[BlobRowKey]>,
    after: (key: BlobRowKey) => T,
  ): Promise<T | null> {
    const key = rowKey(publicKey);
    if (key === null) return null;
    return writer.run(() => {
      if (remove.run(key).changes === 0) return null;
      noteIfFree(key.blob);
      return after(key);
    });
  }

  function toHold({ conversation, blob, user, bytes, at }: BlobRow): BlobHold[] {
    const held = cache.ofKey(conversation);
    return held ? [{ conversation: held.id, blob: blobFromBytes(blob), user: keys.userOf(user), bytes, at }] : [];
  }

  async function write(publicKey: PublicKey, work: (key: BlobRowKey) => HoldOutcome): Promise<HoldOutcome> {
    const key = rowKey(publicKey);
    return key === null ? { state: 'not_found' } : writer.run(() => work(key));
  }

  return {
    async sizeIn(conversation: ConversationId, blob: BlobId) {
      const held = cache.find(conversation);
      return held ? (rows.sizeIn.get(held.key, blobToBytes(blob)) ?? null) : null;
    },
    async isHeld(blob) {
      return rows.anyHold.get(blobToBytes(blob)) !== undefined;
    },
    share: (hold, limits) => write(hold, (key) => share(key, hold.at, limits)),
    begin: (upload, limits) => write(upload, (key) => begin(key, upload.bytes, upload.at, limits)),
    async upload(publicKey) {
      const key = rowKey(publicKey);
      const row = key && rows.upload.get(key);
      return row ? { ...publicKey, bytes: row.bytes, at: row.at } : null;
    },
    async isUploading(user, blob) {
      const key = keys.ofUser(user);
      return key !== null && rows.anyUpload.get(key, blobToBytes(blob)) !== undefined;
    },
    async touch(user: UserId, blob, at) {
      const key = keys.ofUser(user);
      if (key !== null) await writer.run(() => void rows.touchUploads.run(at, key, blobToBytes(blob)));
    },
    async complete({ user, blob, bytes }, at) {
      const key = keys.ofUser(user);
      if (key === null) return [];
      const id = blobToBytes(blob);
      const holding = await writer.run(() => {
        rows.holdUploads.run(at, key, id, bytes);
        const conversations = rows.heldThroughUploads.all(key, id, bytes);
        rows.endUploads.run(key, id);
        noteIfFree(id);
        return conversations;
      });
      return holding.flatMap((conversation) => cache.ofKey(conversation)?.id ?? []);
    },
    release: async (publicKey) => (await letGo(publicKey, rows.removeHold, () => true)) ?? false,
    abandon: (publicKey) =>
      letGo(publicKey, rows.removeUpload, ({ user, blob }) => ({ last: rows.anyUpload.get(user, blob) === undefined })),
    async usedBy(user) {
      const key = keys.ofUser(user);
      return key === null ? 0 : used(key);
    },
    async heldBefore(before, limit) {
      return rows.heldBefore.all(before, limit).flatMap(toHold);
    },
    async uploadsBefore(before, limit) {
      return rows.uploadsBefore.all(before, limit).flatMap(toHold);
    },
    async removable(limit) {
      return rows.removals.all(limit).map(blobFromBytes);
    },
    settleRemoval: (blob) => writer.run(() => void rows.endRemoval.run(blobToBytes(blob))),
  };
}

const all = 'conversation, blob, user, bytes, at';
const thisKey = 'conversation = @conversation AND blob = @blob AND user = @user';

function prepareBlobStatements(db: Database) {
  return { ...holdStatements(db), ...uploadStatements(db), ...removalStatements(db) };
}

function holdStatements(db: Database) {
  return {
    sizeIn: db
      .prepare<[number, Buffer], number>('SELECT bytes FROM blob_holds WHERE conversation = ? AND blob = ? LIMIT 1')
      .pluck(),
    anyHold: db.prepare<[Buffer], number>('SELECT 1 FROM blob_holds WHERE blob = ? LIMIT 1').pluck(),
    /** By the blob, then by membership of each conversation that holds it. */
    readable: db
      .prepare<[Buffer, number], number>(
        `SELECT h.bytes FROM blob_holds h JOIN members m ON m.conversation = h.conversation
         WHERE h.blob = ? AND m.user = ? LIMIT 1`,
      )
      .pluck(),
    addHold: db.prepare<BlobRow>(`INSERT INTO blob_holds (${all}) VALUES (@conversation, @blob, @user, @bytes, @at)`),
    renewHold: db.prepare<BlobRowKey & { at: number }>(`UPDATE blob_holds SET at = @at WHERE ${thisKey}`),
    removeHold: db.prepare<BlobRowKey>(`DELETE FROM blob_holds WHERE ${thisKey}`),
    heldBytes: db.prepare<[number], number | null>('SELECT SUM(bytes) FROM blob_holds WHERE user = ?').pluck(),
    heldBefore: db.prepare<[number, number], BlobRow>(`SELECT ${all} FROM blob_holds WHERE at < ? ORDER BY at LIMIT ?`),
  };
}

function uploadStatements(db: Database) {
  return {
    upload: db.prepare<BlobRowKey, BlobRow>(`SELECT ${all} FROM blob_uploads WHERE ${thisKey}`),
    putUpload: db.prepare<BlobRow>(
      `INSERT INTO blob_uploads (${all}) VALUES (@conversation, @blob, @user, @bytes, @at)
       ON CONFLICT DO UPDATE SET bytes = excluded.bytes, at = excluded.at`,
    ),
    touchUploads: db.prepare<[number, number, Buffer]>('UPDATE blob_uploads SET at = ? WHERE user = ? AND blob = ?'),
    removeUpload: db.prepare<BlobRowKey>(`DELETE FROM blob_uploads WHERE ${thisKey}`),
    endUploads: db.prepare<[number, Buffer]>('DELETE FROM blob_uploads WHERE user = ? AND blob = ?'),
    /** Only where the user is still a member, and has not lied about the size. */
    holdUploads: db.prepare<[number, number, Buffer, number]>(
      `INSERT INTO blob_holds (${all})
       SELECT u.conversation, u.blob, u.user, u.bytes, ? FROM blob_uploads u
       JOIN members m ON m.conversation = u.conversation AND m.user = u.user
       WHERE u.user = ? AND u.blob = ? AND u.bytes = ?
       ON CONFLICT DO UPDATE SET at = excluded.at`,
    ),
    heldThroughUploads: db
      .prepare<[number, Buffer, number], number>(
        `SELECT u.conversation FROM blob_uploads u
         JOIN members m ON m.conversation = u.conversation AND m.user = u.user
         WHERE u.user = ? AND u.blob = ? AND u.bytes = ?`,
      )
      .pluck(),
    anyUpload: db
      .prepare<[number, Buffer], number>('SELECT 1 FROM blob_uploads WHERE user = ? AND blob = ? LIMIT 1')
      .pluck(),
    uploadCount: db.prepare<[number], number>('SELECT COUNT(*) FROM blob_uploads WHERE user = ?').pluck(),
    uploadedBytes: db.prepare<[number], number | null>('SELECT SUM(bytes) FROM blob_uploads WHERE user = ?').pluck(),
    uploadsBefore: db.prepare<[number, number], BlobRow>(
      `SELECT ${all} FROM blob_uploads WHERE at < ? ORDER BY at LIMIT ?`,
    ),
  };
}

function removalStatements(db: Database) {
  return {
    addRemoval: db.prepare<[Buffer]>('INSERT INTO blob_removals VALUES (?) ON CONFLICT DO NOTHING'),
    removals: db.prepare<[number], Buffer>('SELECT blob FROM blob_removals LIMIT ?').pluck(),
    endRemoval: db.prepare<[Buffer]>('DELETE FROM blob_removals WHERE blob = ?'),
  };
}
