/** Accounts: who there is, under which names. */
import type { Database } from 'better-sqlite3';
import { ParleyError, type Profile, type UserId } from '../../../protocol/index.ts';
import type { AccountStore, NewAccount, StoredAccount } from '../../ports/store.ts';
import { nameTaken, withoutUndefined } from '../account-changes.ts';
import { nameWords } from '../name-words.ts';
import { createAccountSearch } from './account-search.ts';
import { idFromBytes, idToBytes } from './ids.ts';
import type { InviteRedeemer } from './invites.ts';
import { isConstraint } from './storage-errors.ts';
import type { Writer } from './writer.ts';

interface Deps {
  readonly db: Database;
  readonly writer: Writer;
  readonly redeemInvite: InviteRedeemer;
}

interface AccountRow {
  readonly id: number;
  readonly public_id: Buffer;
  readonly username: string;
  readonly display_name: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly password_hash: string;
  readonly created_at: number;
  readonly disabled: number;
}

const columns = 'id, public_id, username, display_name, email, phone, password_hash, created_at, disabled';

export function createAccountStore({ db, writer, redeemInvite }: Deps): AccountStore {
  const byPublicId = db.prepare<[Buffer], AccountRow>(`SELECT ${columns} FROM users WHERE public_id = ?`);
  const byUsername = db.prepare<[string], AccountRow>(`SELECT ${columns} FROM users WHERE username = ?`);
  const page = db.prepare<[string, number], AccountRow>(
    `SELECT ${columns} FROM users WHERE username > ? ORDER BY username LIMIT ?`,
  );
  const write = prepareWrites(db);

  function insert(account: NewAccount): void {
    if (account.inviteHash) redeemInvite(account.inviteHash, account.createdAt);
    const { lastInsertRowid } = namingTaken(() =>
      write.insert.run({ ...account, id: idToBytes(account.id), inviteHash: undefined }),
    );
    indexName(Number(lastInsertRowid), account.displayName);
  }

  function indexName(user: number, displayName: string): void {
    write.forgetWords.run(user);
    for (const word of nameWords(displayName)) write.addWord.run(word, user);
  }

  return {
    create: (account) => writer.run(() => insert(account)),
    async byUsername(username) {
      const row = byUsername.get(username);
      return row ? toAccount(row) : null;
    },
    async byId(user) {
      const row = byPublicId.get(idToBytes(user));
      return row ? toAccount(row) : null;
    },
    update: (user, changes) =>
      writer.run(() => {
        const row = byPublicId.get(idToBytes(user));
        if (!row) throw new ParleyError('not_found', { message: 'There is no such user on this relay.' });
        const account = { ...toAccount(row), ...withoutUndefined(changes) };
        namingTaken(() => write.update.run({ ...account, id: row.id, disabled: account.disabled ? 1 : 0 }));
        if (account.displayName !== row.display_name) indexName(row.id, account.displayName);
        return account;
      }),
    async profiles(users) {
      return [...new Set(users)].flatMap((user) => {
        const row = byPublicId.get(idToBytes(user));
        return row ? [toProfile(row)] : [];
      });
    },
    search: createAccountSearch(db),
    async list(after, limit) {
      return page.all(after ?? '', limit).map(toAccount);
    },
  };
}

function prepareWrites(db: Database) {
  return {
    insert: db.prepare(
      `INSERT INTO users (public_id, username, display_name, email, phone, password_hash, created_at)
       VALUES (@id, @username, @displayName, @email, @phone, @passwordHash, @createdAt)`,
    ),
    update: db.prepare(
      `UPDATE users SET display_name = @displayName, email = @email, phone = @phone, password_hash = @passwordHash,
         disabled = @disabled WHERE id = @id`,
    ),
    forgetWords: db.prepare<[number]>('DELETE FROM user_words WHERE user = ?'),
    addWord: db.prepare<[string, number]>('INSERT INTO user_words VALUES (?, ?)'),
  };
}

const named = ['username', 'email', 'phone'] as const;

/** Says which unique column a write ran into. */
function namingTaken<T>(write: () => T): T {
  try {
    return write();
  } catch (cause) {
    const field = isConstraint(cause) ? named.find((column) => cause.message.endsWith(`users.${column}`)) : undefined;
    throw field === undefined ? cause : nameTaken(field, cause);
  }
}

function toAccount(row: AccountRow): StoredAccount {
  return {
    id: idFromBytes<UserId>(row.public_id),
    username: row.username,
    displayName: row.display_name,
    email: row.email,
    phone: row.phone,
    passwordHash: row.password_hash,
    createdAt: row.created_at,
    disabled: row.disabled === 1,
  };
}

function toProfile(row: AccountRow): Profile {
  return { id: idFromBytes<UserId>(row.public_id), username: row.username, displayName: row.display_name };
}
