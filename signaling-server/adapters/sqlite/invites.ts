/** Invites: codes by which people may register, known by their hash alone. */
import type { Database } from 'better-sqlite3';
import { ParleyError } from '../../../protocol/index.ts';
import type { InviteStore, SecretHash, StoredInvite } from '../../ports/store.ts';
import { isConstraint } from './storage-errors.ts';
import type { Writer } from './writer.ts';

/** Uses an invite up by one inside a transaction. @throws ParleyError `invite_invalid`. */
export type InviteRedeemer = (hash: SecretHash, now: number) => void;

interface InviteRow {
  readonly label: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly uses: number;
  readonly max_uses: number;
  readonly revoked: number;
}

const usable = 'revoked = 0 AND uses < max_uses';

export function createInviteStore(db: Database, writer: Writer): InviteStore {
  const insert = db.prepare(
    `INSERT INTO invites (label, hash, created_at, expires_at, uses, max_uses, revoked)
     VALUES (@label, @hash, @createdAt, @expiresAt, @uses, @maxUses, @revoked)`,
  );
  const all = db.prepare<[], InviteRow>(
    'SELECT label, created_at, expires_at, uses, max_uses, revoked FROM invites ORDER BY created_at, label',
  );
  const revoke = db.prepare<[string]>(`UPDATE invites SET revoked = 1 WHERE label = ? AND ${usable}`);

  return {
    create: (invite) =>
      writer.run(() => void namingTaken(() => insert.run({ ...invite, revoked: invite.revoked ? 1 : 0 }))),
    async list() {
      return all.all().map(toInvite);
    },
    revoke: (label) => writer.run(() => revoke.run(label).changes > 0),
  };
}

export function createInviteRedeemer(db: Database): InviteRedeemer {
  const use = db.prepare<[SecretHash, number]>(
    `UPDATE invites SET uses = uses + 1 WHERE hash = ? AND ${usable} AND (expires_at IS NULL OR expires_at > ?)`,
  );
  return (hash, now) => {
    if (use.run(hash, now).changes > 0) return;
    const message = 'This invite code is not valid any more. Ask for a new one.';
    throw new ParleyError('invite_invalid', { message, field: 'invite' });
  };
}

function namingTaken(write: () => unknown): void {
  try {
    write();
  } catch (cause) {
    if (!isConstraint(cause)) throw cause;
    throw new ParleyError('bad_request', { message: 'There is an invite with this label. Make another code.', cause });
  }
}

function toInvite({ label, created_at, expires_at, uses, max_uses, revoked }: InviteRow): StoredInvite {
  return { label, createdAt: created_at, expiresAt: expires_at, uses, maxUses: max_uses, revoked: revoked === 1 };
}
