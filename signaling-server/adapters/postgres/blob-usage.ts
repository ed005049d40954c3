/** How much each user holds, and by how many holds each blob is kept; counted in the commits that change them. */
import { sql, type Kysely } from 'kysely';
import type { UserId } from '../../../protocol/index.ts';
import type { Tables } from './tables.ts';

/**
 * Bytes of a user's holds and uploads.
 * @param how `locked` in a transaction that is to change them: others that would have to wait for it, so that no two
 * take the same last room. Lock the user before anything about a blob.
 */
export async function usedBytes(db: Kysely<Tables>, user: UserId, how?: 'locked'): Promise<number> {
  if (how) {
    const row = { user_id: user, held_bytes: 0 };
    await db
      .insertInto('blob_usage')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  const usage = db.selectFrom('blob_usage').select('held_bytes').where('user_id', '=', user);
  const held = await (how ? usage.forUpdate() : usage).executeTakeFirst();
  const { rows } = await sql<{ bytes: number }>`
    SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM blob_uploads WHERE user_id = ${user}::uuid`.execute(db);
  return (held?.held_bytes ?? 0) + (rows[0]?.bytes ?? 0);
}

/** Of holds that came (or, with negative numbers, went) in this transaction. */
export async function countHold(
  db: Kysely<Tables>,
  change: { readonly user: UserId; readonly blob: Buffer; readonly bytes: number; readonly holds: number },
): Promise<void> {
  const { user, blob, bytes, holds } = change;
  await sql`UPDATE blob_usage SET held_bytes = held_bytes + ${bytes}::bigint WHERE user_id = ${user}::uuid`.execute(db);
  await sql`
    INSERT INTO blobs (blob, holds, removable) VALUES (${blob}, ${holds}::bigint, false)
    ON CONFLICT (blob) DO UPDATE SET holds = blobs.holds + excluded.holds`.execute(db);
}

/** Inside the transaction that let go of something: the row's lock makes exactly one of them the last. */
export async function noteIfFree(db: Kysely<Tables>, blob: Buffer): Promise<void> {
  await sql`
    INSERT INTO blobs (blob, holds, removable) VALUES (${blob}, 0, true)
    ON CONFLICT (blob) DO UPDATE SET removable = blobs.removable OR blobs.holds <= 0`.execute(db);
}
