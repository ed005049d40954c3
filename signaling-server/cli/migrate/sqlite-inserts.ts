/** How each part is written into an embedded database: rows name others by the integers that they have there. */
import type { Database, Statement } from 'better-sqlite3';
import { createLogIndex } from '../../adapters/sqlite/log-index.ts';
import { idToBytes } from '../../adapters/sqlite/ids.ts';
import { nameWords } from '../../adapters/name-words.ts';
import type { MessageId } from '../../../protocol/index.ts';
import { columnsOf, partNames, type Kind, type Part, type Row, type Value } from './parts.ts';

const conversation = '(SELECT id FROM conversations WHERE public_id = @conversation)';
const user = '(SELECT id FROM users WHERE public_id = @user)';
const device = '(SELECT id FROM devices WHERE public_id = @device)';
const userOf = (id: string) => `(SELECT id FROM users WHERE public_id = @${id})`;

const inserts: Readonly<Record<Part, string>> = {
  users: `INSERT INTO users (public_id, username, display_name, email, phone, password_hash, created_at, last_active_at, disabled)
    VALUES (@user, @username, @displayName, @email, @phone, @passwordHash, @createdAt, @lastActiveAt, @disabled)`,
  devices: `INSERT INTO devices (public_id, user, name, platform, created_at, last_active_at, generation, token_hash)
    VALUES (@device, ${user}, @name, @platform, @createdAt, @lastActiveAt, @generation, @tokenHash)`,
  revokedTokens: `INSERT INTO revoked_tokens (token_hash, device) SELECT @tokenHash, id FROM devices
    WHERE public_id = @device AND user = ${user}`,
  invites: `INSERT INTO invites (hash, label, created_at, expires_at, uses, max_uses, revoked)
    VALUES (@hash, @label, @createdAt, @expiresAt, @uses, @maxUses, @revoked)`,
  conversations: `INSERT INTO conversations (public_id, kind, epoch, created_at)
    VALUES (@conversation, @kind, @epoch, @createdAt)`,
  members: `INSERT INTO members (conversation, user, delivered, read)
    VALUES (${conversation}, ${user}, @delivered, @read)`,
  pairs: `INSERT INTO direct_pairs (low, high, conversation)
    VALUES (min(${userOf('low')}, ${userOf('high')}), max(${userOf('low')}, ${userOf('high')}), ${conversation})`,
  log: `INSERT INTO log (conversation, seq, message, user, device, kind, time, payload)
    VALUES (${conversation}, @seq, @message, ${user}, ${device}, @kind, @time, @payload)`,
  segments: `INSERT INTO cold_segments (conversation, first_seq, last_seq, object, bytes, hash, link, least_id, greatest_id,
      noted_at, pruned)
    VALUES (${conversation}, @firstSeq, @lastSeq, @object, @bytes, @hash, @link, @leastId, @greatestId, @notedAt, @pruned)`,
  holds: `INSERT INTO blob_holds (conversation, blob, user, bytes, at)
    VALUES (${conversation}, @blob, ${user}, @bytes, @at)`,
  uploads: `INSERT INTO blob_uploads (user, blob, conversation, bytes, at)
    VALUES (${user}, @blob, ${conversation}, @bytes, @at)`,
  removals: 'INSERT INTO blob_removals (blob) VALUES (@blob)',
  checkpoints: `INSERT INTO chain_checkpoints (conversation, seq, link) VALUES (${conversation}, @seq, @link)`,
  attestations: `INSERT INTO attestations (conversation, device, seq, link, at)
    SELECT ${conversation}, id, @seq, @link, @at FROM devices WHERE public_id = @device AND user = ${user}`,
};

type Bound = Readonly<Record<string, string | number | Buffer | null>>;

export interface SqliteInserts {
  /** Inside a transaction. */
  insert<P extends Part>(part: P, rows: readonly Row<P>[]): void;
  /** Inside a transaction, when all is there: what the log's index still holds in memory goes to the disk. */
  seal(): void;
}

export function createSqliteInserts(db: Database): SqliteInserts {
  const statements = new Map<Part, Statement<[Bound]>>(partNames.map((part) => [part, db.prepare(inserts[part])]));
  const addWord = db.prepare<[string, number]>('INSERT INTO user_words (word, user) VALUES (?, ?)');
  const rowOf = db.prepare<[Buffer], number>('SELECT id FROM conversations WHERE public_id = ?').pluck();
  const index = createLogIndex(db);

  function insertOne(part: Part, row: Row<Part>): number {
    const { changes, lastInsertRowid } = statements.get(part)?.run(bind(part, row)) ?? {
      changes: 0,
      lastInsertRowid: 0,
    };
    if (changes !== 1) throw new Error(`A row of ${part} names what is not there.`);
    return Number(lastInsertRowid);
  }

  function addMessage(row: Row<'log'>): void {
    const at = insertOne('log', row);
    index.add(rowOf.get(idToBytes(row.conversation)) ?? 0, row.seq, row.message as MessageId, at);
  }

  function addUser(row: Row<'users'>): void {
    const at = insertOne('users', row);
    for (const word of nameWords(row.displayName)) addWord.run(word, at);
  }

  return {
    insert(part, rows) {
      for (const row of rows) {
        if (part === 'log') addMessage(row as Row<'log'>);
        else if (part === 'users') addUser(row as Row<'users'>);
        else insertOne(part, row);
      }
      if (part === 'log') index.settle(rows.length);
    },
    seal: () => index.seal(),
  };
}

function bind(part: Part, row: Row<Part>): Bound {
  const values = row as Readonly<Record<string, Value>>;
  return Object.fromEntries(columnsOf(part).map(([column, kind]) => [column, bindValue(kind, values[column] ?? null)]));
}

function bindValue(kind: Kind, value: Value): string | number | Buffer | null {
  if (value === null) return null;
  if (kind === 'id') return idToBytes(String(value));
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return typeof value === 'boolean' ? Number(value) : value;
}
