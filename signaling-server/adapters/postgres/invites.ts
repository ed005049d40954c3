/** Invites: codes by which people may register, known by their hash alone. */
import { sql, type Kysely, type Selectable } from 'kysely';
import { ParleyError } from '../../../protocol/index.ts';
import type { InviteStore, SecretHash, StoredInvite } from '../../ports/store.ts';
import type { Database } from './database.ts';
import type { InviteTable, Tables } from './tables.ts';

const isUsable = sql<boolean>`NOT revoked AND uses < max_uses`;

export function createInviteStore(database: Database): InviteStore {
  return {
    create: ({ hash, label, createdAt, expiresAt, uses, maxUses, revoked }) =>
      database.ask({ name: 'invites.create', repeatable: true }, async (db) => {
        const row = { hash, label, created_at: createdAt, expires_at: expiresAt, uses, max_uses: maxUses, revoked };
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('invites')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if (numInsertedOrUpdatedRows === 0n && !(await isMade(db, hash))) throw labelTaken();
      }),
    async list() {
      const rows = await database.ask({ name: 'invites.list', repeatable: true }, (db) =>
        db.selectFrom('invites').selectAll().orderBy('created_at').orderBy('label').execute(),
      );
      return rows.map(toInvite);
    },
    revoke: (label) =>
      database.ask({ name: 'invites.revoke', repeatable: false }, async (db) => {
        const { numUpdatedRows } = await db
          .updateTable('invites')
          .set({ revoked: true })
          .where('label', '=', label)
          .where(isUsable)
          .executeTakeFirst();
        return numUpdatedRows > 0n;
      }),
  };
}

/** By an earlier try whose answer was lost: codes are random. */
async function isMade(db: Kysely<Tables>, hash: SecretHash): Promise<boolean> {
  return (await db.selectFrom('invites').select('label').where('hash', '=', hash).executeTakeFirst()) !== undefined;
}

/** Uses an invite up by one inside a transaction. @throws ParleyError `invite_invalid`. */
export async function redeemInvite(db: Kysely<Tables>, hash: SecretHash, now: number): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('invites')
    .set((row) => ({ uses: row('uses', '+', 1) }))
    .where('hash', '=', hash)
    .where(isUsable)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
    .executeTakeFirst();
  if (numUpdatedRows > 0n) return;
  const message = 'This invite code is not valid any more. Ask for a new one.';
  throw new ParleyError('invite_invalid', { message, field: 'invite' });
}

function labelTaken(): ParleyError {
  return new ParleyError('bad_request', { message: 'There is an invite with this label. Make another code.' });
}

function toInvite({ label, created_at, expires_at, uses, max_uses, revoked }: Selectable<InviteTable>): StoredInvite {
  return { label, createdAt: created_at, expiresAt: expires_at, uses, maxUses: max_uses, revoked };
}
