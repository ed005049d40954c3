/** Uploads under way: begun within a user's limits, turned into holds, or given up. Inside transactions. */
import { sql, type Kysely } from 'kysely';
import type { ConversationId } from '../../../protocol/index.ts';
import type { BlobHold, HoldLimits, HoldOutcome } from '../../ports/store.ts';
import { countHold, noteIfFree, usedBytes } from './blob-usage.ts';
import type { Tables } from './tables.ts';

type Key = Pick<BlobHold, 'conversation' | 'user' | 'blob'>;

export async function beginUpload(db: Kysely<Tables>, upload: BlobHold, limits: HoldLimits): Promise<HoldOutcome> {
  const { conversation, user, bytes, at } = upload;
  const blob = Buffer.from(upload.blob, 'hex');
  const used = await usedBytes(db, user, 'locked');
  const uploads = await db
    .selectFrom('blob_uploads')
    .select(['blob', 'conversation_id', 'bytes'])
    .where('user_id', '=', user)
    .execute();
  const before = uploads.find((row) => row.conversation_id === conversation && row.blob.equals(blob));
  const { quotaBytes } = limits;
  if (quotaBytes !== null && used + bytes - (before?.bytes ?? 0) > quotaBytes)
    return { state: 'over_quota', usedBytes: used };
  if (!before && uploads.length >= limits.uploads) return { state: 'too_many_uploads' };
  await db
    .insertInto('blob_uploads')
    .values({ user_id: user, blob, conversation_id: conversation, bytes, at })
    .onConflict((conflict) => conflict.columns(['user_id', 'blob', 'conversation_id']).doUpdateSet({ bytes, at }))
    .execute();
  return { state: 'held' };
}

type Upload = Pick<BlobHold, 'user' | 'blob' | 'bytes' | 'at'>;

/**
 * Only where the user is still a member, and has not lied about the size.
 * @param doubtful an earlier try may have done it.
 * @returns the conversations that hold it now.
 */
export async function completeUploads(
  db: Kysely<Tables>,
  upload: Upload,
  doubtful: boolean,
): Promise<ConversationId[]> {
  const { user, bytes, at } = upload;
  const blob = Buffer.from(upload.blob, 'hex');
  await usedBytes(db, user, 'locked');
  if (doubtful) {
    const done = await heldSince(db, upload, blob);
    if (done.length > 0) return done;
  }
  const { rows: holding } = await sql<{ conversation_id: ConversationId }>`
    SELECT u.conversation_id FROM blob_uploads u
    JOIN memberships m ON m.user_id = u.user_id AND m.conversation_id = u.conversation_id
    WHERE u.user_id = ${user}::uuid AND u.blob = ${blob} AND u.bytes = ${bytes}::bigint
    ORDER BY u.conversation_id`.execute(db);
  for (const { conversation_id } of holding) await hold(db, { conversation_id, blob, user_id: user, bytes, at });
  await db.deleteFrom('blob_uploads').where('user_id', '=', user).where('blob', '=', blob).execute();
  await noteIfFree(db, blob);
  return holding.map((row) => row.conversation_id);
}

/** Where an earlier try made the same uploads into holds: it gave them this time. */
async function heldSince(db: Kysely<Tables>, { user, bytes, at }: Upload, blob: Buffer): Promise<ConversationId[]> {
  const { rows } = await sql<{ conversation_id: ConversationId }>`
    WITH mine AS (SELECT conversation_id FROM memberships WHERE user_id = ${user}::uuid)
    SELECT conversation_id FROM blob_holds
    WHERE conversation_id IN (SELECT conversation_id FROM mine) AND blob = ${blob} AND user_id = ${user}::uuid
      AND bytes = ${bytes}::bigint AND at = ${at}::bigint
    ORDER BY conversation_id`.execute(db);
  return rows.map((row) => row.conversation_id);
}

async function hold(db: Kysely<Tables>, row: Tables['blob_holds']): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('blob_holds')
    .set({ at: row.at })
    .where('conversation_id', '=', row.conversation_id)
    .where('blob', '=', row.blob)
    .where('user_id', '=', row.user_id)
    .executeTakeFirst();
  if (numUpdatedRows > 0n) return;
  await db.insertInto('blob_holds').values(row).execute();
  await countHold(db, { user: row.user_id, blob: row.blob, bytes: row.bytes, holds: 1 });
}

/**
 * @param doubtful an earlier try may have ended it.
 * @returns null when there is none, else whether it was the user's last one of this blob.
 */
export async function endUpload(db: Kysely<Tables>, key: Key, doubtful: boolean): Promise<{ last: boolean } | null> {
  const blob = Buffer.from(key.blob, 'hex');
  await usedBytes(db, key.user, 'locked');
  const { numDeletedRows } = await db
    .deleteFrom('blob_uploads')
    .where('user_id', '=', key.user)
    .where('blob', '=', blob)
    .where('conversation_id', '=', key.conversation)
    .executeTakeFirst();
  if (numDeletedRows === 0n && !doubtful) return null;
  await noteIfFree(db, blob);
  const other = await db
    .selectFrom('blob_uploads')
    .select('bytes')
    .where('user_id', '=', key.user)
    .where('blob', '=', blob)
    .limit(1)
    .executeTakeFirst();
  return { last: other === undefined };
}
