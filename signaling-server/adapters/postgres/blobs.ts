/** Which blobs conversations hold, and what is being uploaded. */
import { sql, type Kysely } from 'kysely';
import { blobIdSchema, type BlobId } from '../../../protocol/index.ts';
import type { BlobHold, BlobStore, HoldLimits, HoldOutcome } from '../../ports/store.ts';
import { beginUpload, completeUploads, endUpload } from './blob-uploads.ts';
import { countHold, noteIfFree, usedBytes } from './blob-usage.ts';
import type { Database } from './database.ts';
import type { BlobTable, Tables } from './tables.ts';

type Key = Pick<BlobHold, 'conversation' | 'user' | 'blob'>;

export function createBlobStore(database: Database): BlobStore {
  const act = (name: string) => ({ name: `blobs.${name}`, repeatable: true });

  return {
    async sizeIn(conversation, blob) {
      const row = await database.ask(act('sizeIn'), (db) =>
        db
          .selectFrom('blob_holds')
          .select('bytes')
          .where('conversation_id', '=', conversation)
          .where('blob', '=', toBytes(blob))
          .limit(1)
          .executeTakeFirst(),
      );
      return row?.bytes ?? null;
    },
    async isHeld(blob) {
      const row = await database.ask(act('isHeld'), (db) =>
        db.selectFrom('blobs').select('holds').where('blob', '=', toBytes(blob)).executeTakeFirst(),
      );
      return row !== undefined && row.holds > 0;
    },
    share: (hold, limits) => database.transact(act('share'), (db) => share(db, hold, limits)),
    begin: (upload, limits) => database.transact(act('begin'), (db) => beginUpload(db, upload, limits)),
    async upload(key) {
      const row = await database.ask(act('upload'), (db) =>
        db
          .selectFrom('blob_uploads')
          .select(['bytes', 'at'])
          .where('user_id', '=', key.user)
          .where('blob', '=', toBytes(key.blob))
          .where('conversation_id', '=', key.conversation)
          .executeTakeFirst(),
      );
      return row ? { ...keyOnly(key), ...row } : null;
    },
    async isUploading(user, blob) {
      const row = await database.ask(act('isUploading'), (db) =>
        db
          .selectFrom('blob_uploads')
          .select('bytes')
          .where('user_id', '=', user)
          .where('blob', '=', toBytes(blob))
          .limit(1)
          .executeTakeFirst(),
      );
      return row !== undefined;
    },
    async touch(user, blob, at) {
      await database.ask(act('touch'), (db) =>
        db
          .updateTable('blob_uploads')
          .set({ at })
          .where('user_id', '=', user)
          .where('blob', '=', toBytes(blob))
          .execute(),
      );
    },
    complete: (upload, at) =>
      database.transact(act('complete'), (db, doubtful) => completeUploads(db, { ...upload, at }, doubtful)),
    release: (key) => database.transact(act('release'), (db, doubtful) => release(db, key, doubtful)),
    abandon: (key) => database.transact(act('abandon'), (db, doubtful) => endUpload(db, key, doubtful)),
    usedBy: (user) => database.ask(act('usedBy'), (db) => usedBytes(db, user)),
    heldBefore: (before, limit) => database.ask(act('heldBefore'), (db) => oldest(db, 'blob_holds', before, limit)),
    uploadsBefore: (before, limit) =>
      database.ask(act('uploadsBefore'), (db) => oldest(db, 'blob_uploads', before, limit)),
    async removable(limit) {
      const rows = await database.ask(act('removable'), (db) =>
        db.selectFrom('blobs').select('blob').where('removable', '=', true).limit(limit).execute(),
      );
      return rows.map((row) => fromBytes(row.blob));
    },
    async settleRemoval(blob) {
      await database.ask(act('settleRemoval'), (db) => settleRemoval(db, toBytes(blob)));
    },
  };
}

export function toBytes(blob: BlobId): Buffer {
  return Buffer.from(blob, 'hex');
}

function fromBytes(bytes: Buffer): BlobId {
  return blobIdSchema.parse(bytes.toString('hex'));
}

function keyOnly({ conversation, user, blob }: Key): Key {
  return { conversation, user, blob };
}

async function share(
  db: Kysely<Tables>,
  { conversation, user, at, ...hold }: Omit<BlobHold, 'bytes'>,
  limits: HoldLimits,
): Promise<HoldOutcome> {
  const blob = toBytes(hold.blob);
  const used = await usedBytes(db, user, 'locked');
  const { numUpdatedRows } = await db
    .updateTable('blob_holds')
    .set({ at })
    .where('conversation_id', '=', conversation)
    .where('blob', '=', blob)
    .where('user_id', '=', user)
    .executeTakeFirst();
  if (numUpdatedRows > 0n) return { state: 'held' };
  const { rows } = await sql<{ bytes: number }>`
    WITH mine AS (SELECT conversation_id FROM memberships WHERE user_id = ${user}::uuid)
    SELECT bytes FROM blob_holds
    WHERE conversation_id IN (SELECT conversation_id FROM mine) AND blob = ${blob} LIMIT 1`.execute(db);
  const bytes = rows[0]?.bytes;
  if (bytes === undefined) return { state: 'not_found' };
  const { quotaBytes } = limits;
  if (quotaBytes !== null && used + bytes > quotaBytes) return { state: 'over_quota', usedBytes: used };
  await db.insertInto('blob_holds').values({ conversation_id: conversation, blob, user_id: user, bytes, at }).execute();
  await countHold(db, { user, blob, bytes, holds: 1 });
  return { state: 'held' };
}

/** @param doubtful an earlier try may have ended it. */
async function release(db: Kysely<Tables>, { conversation, user, blob }: Key, doubtful: boolean): Promise<boolean> {
  await usedBytes(db, user, 'locked');
  const gone = await db
    .deleteFrom('blob_holds')
    .where('conversation_id', '=', conversation)
    .where('blob', '=', toBytes(blob))
    .where('user_id', '=', user)
    .returning('bytes')
    .executeTakeFirst();
  if (!gone) return doubtful;
  await countHold(db, { user, blob: toBytes(blob), bytes: -gone.bytes, holds: -1 });
  await noteIfFree(db, toBytes(blob));
  return true;
}

async function oldest(
  db: Kysely<Tables>,
  table: 'blob_holds' | 'blob_uploads',
  before: number,
  limit: number,
): Promise<BlobHold[]> {
  const { rows } = await sql<BlobTable>`
    SELECT conversation_id, blob, user_id, bytes, at FROM ${sql.table(table)}
    WHERE at < ${before} ORDER BY at LIMIT ${limit}`.execute(db);
  return rows.map((row) => {
    return {
      conversation: row.conversation_id,
      blob: fromBytes(row.blob),
      user: row.user_id,
      bytes: row.bytes,
      at: row.at,
    };
  });
}

/** A row of a blob that nobody holds says nothing any more. */
async function settleRemoval(db: Kysely<Tables>, blob: Buffer): Promise<void> {
  await db.updateTable('blobs').set({ removable: false }).where('blob', '=', blob).where('holds', '>', 0).execute();
  await db.deleteFrom('blobs').where('blob', '=', blob).where('holds', '<=', 0).execute();
}
