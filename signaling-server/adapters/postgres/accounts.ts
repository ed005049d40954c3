/** Accounts: who there is, under which names. */
import { sql, type Kysely, type Selectable } from 'kysely';
import { ParleyError, type UserId } from '../../../protocol/index.ts';
import type { AccountStore, NewAccount, StoredAccount } from '../../ports/store.ts';
import { nameTaken, withoutUndefined } from '../account-changes.ts';
import type { Database } from './database.ts';
import { redeemInvite } from './invites.ts';
import { addWords, createAccountSearch, removeWords } from './name-index.ts';
import type { Tables, UserTable } from './tables.ts';
import { idList } from './values.ts';

const reading = { repeatable: true } as const;

export function createAccountStore(database: Database): AccountStore {
  async function find(name: string, column: 'user_id' | 'username', value: string): Promise<StoredAccount | null> {
    const row = await database.ask({ name, ...reading }, (db) => selectAccount(db, column, value));
    return row ? toAccount(row) : null;
  }

  return {
    // Done again it finds its own names taken by the same id.
    create: (account) => database.transact({ name: 'accounts.create', repeatable: true }, (db) => insert(db, account)),
    byUsername: (username) => find('accounts.byUsername', 'username', username),
    byId: (user) => find('accounts.byId', 'user_id', user),
    update: (user, changes) =>
      database.transact({ name: 'accounts.update', repeatable: true }, (db) => update(db, user, changes)),
    async profiles(users) {
      const rows = await database.ask({ name: 'accounts.profiles', ...reading }, (db) =>
        db
          .selectFrom('users')
          .select(['user_id', 'username', 'display_name'])
          .where(sql<boolean>`user_id = ANY (${idList(users)}::uuid[])`)
          .execute(),
      );
      const found = new Map(rows.map((row) => [row.user_id, row]));
      return [...new Set(users)].flatMap((id) => {
        const row = found.get(id);
        return row ? [{ id, username: row.username, displayName: row.display_name }] : [];
      });
    },
    search: createAccountSearch(database),
    async list(after, limit) {
      const rows = await database.ask({ name: 'accounts.list', ...reading }, (db) =>
        db
          .selectFrom('usernames as n')
          .innerJoin('users as u', 'u.user_id', 'n.user_id')
          .selectAll('u')
          .where('n.username', '>', Buffer.from(after ?? ''))
          .orderBy('n.username')
          .limit(limit)
          .execute(),
      );
      return rows.map(toAccount);
    },
  };
}

/** By the name by way of its own table, which is spread by names. */
function selectAccount(db: Kysely<Tables>, column: 'user_id' | 'username', value: string) {
  const users = db.selectFrom('users').selectAll();
  return column === 'user_id'
    ? users.where(sql<boolean>`user_id = ${value}::uuid`).executeTakeFirst()
    : users
        .where('user_id', '=', (names) =>
          names.selectFrom('usernames').select('user_id').where('username', '=', Buffer.from(value)),
        )
        .executeTakeFirst();
}

async function insert(db: Kysely<Tables>, account: NewAccount): Promise<void> {
  const { id, username, displayName, email, phone } = account;
  if (await isMade(db, account)) return;
  if (account.inviteHash) await redeemInvite(db, account.inviteHash, account.createdAt);
  await claimUsername(db, username, id);
  if (email !== null) await claim(db, 'emails', 'email', email, id);
  if (phone !== null) await claim(db, 'phones', 'phone', phone, id);
  await db
    .insertInto('users')
    .values({
      user_id: id,
      username,
      display_name: displayName,
      email,
      phone,
      password_hash: account.passwordHash,
      created_at: account.createdAt,
      last_active_at: null,
    })
    .execute();
  await addWords(db, id, { username, displayName });
}

/** By an earlier try whose answer was lost: ids are never given twice. */
async function isMade(db: Kysely<Tables>, { id }: NewAccount): Promise<boolean> {
  return (await db.selectFrom('users').select('user_id').where('user_id', '=', id).executeTakeFirst()) !== undefined;
}

type Changes = Parameters<AccountStore['update']>[1];

async function update(db: Kysely<Tables>, user: UserId, changes: Changes): Promise<StoredAccount> {
  const row = await db.selectFrom('users').selectAll().where('user_id', '=', user).forUpdate().executeTakeFirst();
  if (!row) throw new ParleyError('not_found', { message: 'There is no such user on this relay.' });
  const before = toAccount(row);
  const after: StoredAccount = { ...before, ...withoutUndefined(changes) };
  await moveClaim(db, 'emails', 'email', before.email, after.email, user);
  await moveClaim(db, 'phones', 'phone', before.phone, after.phone, user);
  if (before.disabled !== after.disabled || before.displayName !== after.displayName) {
    if (!before.disabled) await removeWords(db, user, before);
    if (!after.disabled) await addWords(db, user, after);
  }
  const { displayName, email, phone, passwordHash, disabled } = after;
  await db
    .updateTable('users')
    .set({ display_name: displayName, email, phone, password_hash: passwordHash, disabled })
    .where('user_id', '=', user)
    .execute();
  return after;
}

async function claimUsername(db: Kysely<Tables>, username: string, user: UserId): Promise<void> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('usernames')
    .values({ username: Buffer.from(username), user_id: user })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) throw nameTaken('username');
}

async function claim(
  db: Kysely<Tables>,
  table: 'emails' | 'phones',
  column: 'email' | 'phone',
  value: string,
  user: UserId,
): Promise<void> {
  const { numAffectedRows } = await sql`
    INSERT INTO ${sql.table(table)} (${sql.ref(column)}, user_id) VALUES (${value}, ${user})
    ON CONFLICT DO NOTHING`.execute(db);
  if (numAffectedRows === 0n) throw nameTaken(column);
}

async function moveClaim(
  db: Kysely<Tables>,
  table: 'emails' | 'phones',
  column: 'email' | 'phone',
  before: string | null,
  after: string | null,
  user: UserId,
): Promise<void> {
  if (before === after) return;
  if (after !== null) await claim(db, table, column, after, user);
  if (before !== null)
    await sql`DELETE FROM ${sql.table(table)} WHERE ${sql.ref(column)} = ${before} AND user_id = ${user}`.execute(db);
}

function toAccount(row: Selectable<UserTable>): StoredAccount {
  return {
    id: row.user_id,
    username: row.username,
    displayName: row.display_name,
    email: row.email,
    phone: row.phone,
    passwordHash: row.password_hash,
    createdAt: row.created_at,
    disabled: row.disabled,
  };
}
