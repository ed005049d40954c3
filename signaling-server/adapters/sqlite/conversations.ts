/** Conversations, their members and how far each of them got. */
import type { Database } from 'better-sqlite3';
import type { UserId } from '../../../protocol/index.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ConversationStore } from '../../ports/store.ts';
import { memberOf, toConversation, type ConversationCache, type HeldConversation } from './conversation-cache.ts';
import { createCursorMover } from './cursors.ts';
import { createDirectOpener } from './direct-pairs.ts';
import { idFromBytes, idToBytes } from './ids.ts';
import type { Keys } from './keys.ts';
import type { Writer } from './writer.ts';

interface Deps {
  readonly db: Database;
  readonly writer: Writer;
  readonly keys: Keys;
  readonly cache: ConversationCache;
  readonly clock: Clock;
}

export function createConversationStore({ db, writer, keys, cache, clock }: Deps): ConversationStore {
  const statements = prepareStatements(db);
  const openDirect = createDirectOpener({ db, writer, keys, cache });
  const advance = createCursorMover(db, cache);

  function conversationsOf(userKey: number | null): HeldConversation[] {
    if (userKey === null) return [];
    return statements.keysOf.all(userKey).flatMap((key) => cache.ofKey(key) ?? []);
  }

  return {
    openDirect,
    async get(id, member) {
      const conversation = cache.find(id);
      return conversation && memberOf(conversation, member) ? toConversation(conversation) : null;
    },
    async listOf(user) {
      const newestFirst = conversationsOf(keys.ofUser(user)).sort((a, b) => b.activeAt - a.activeAt || b.key - a.key);
      return newestFirst.map(toConversation);
    },
    async pageOf(user, after, limit) {
      const key = keys.ofUser(user);
      if (key === null) return [];
      const from = after === null ? Buffer.alloc(0) : idToBytes(after);
      return statements.page.all(key, from, limit).flatMap((row) => {
        const conversation = cache.ofKey(row);
        return conversation ? [toConversation(conversation)] : [];
      });
    },
    // One process writes, by this clock.
    async activeWithin(users, ms) {
      const since = clock() - ms;
      return users.flatMap((user) => {
        const active = conversationsOf(keys.ofUser(user)).filter(({ activeAt }) => activeAt >= since);
        return active.map(({ id, head }) => ({ user, conversation: id, head }));
      });
    },
    async contactsAmong(user, others) {
      const key = keys.ofUser(user);
      if (key === null) return [];
      const inGroups = new Set(statements.groupFellows.all(key).map((id) => idFromBytes<UserId>(id)));
      return [...new Set(others)].filter((other) => inGroups.has(other) || isPair(key, keys.ofUser(other)));
    },
    advance(moves) {
      const touched: HeldConversation[] = [];
      return writer.join({
        work: () => moves.map((move) => advance(move, touched)),
        undo: () => touched.forEach((conversation) => cache.drop(conversation)),
      });
    },
  };

  function isPair(a: number, b: number | null): boolean {
    return b !== null && statements.pair.get(Math.min(a, b), Math.max(a, b)) !== undefined;
  }
}

function prepareStatements(db: Database) {
  return {
    keysOf: db.prepare<[number], number>('SELECT conversation FROM members WHERE user = ?').pluck(),
    page: db
      .prepare<[number, Buffer, number], number>(
        `SELECT c.id FROM members m JOIN conversations c ON c.id = m.conversation
         WHERE m.user = ? AND c.public_id > ? ORDER BY c.public_id LIMIT ?`,
      )
      .pluck(),
    pair: db.prepare<[number, number], { conversation: number }>(
      'SELECT conversation FROM direct_pairs WHERE low = ? AND high = ?',
    ),
    groupFellows: db
      .prepare<[number], Buffer>(
        `SELECT DISTINCT u.public_id FROM members mine
         JOIN conversations c ON c.id = mine.conversation AND c.kind = 'group'
         JOIN members theirs ON theirs.conversation = c.id
         JOIN users u ON u.id = theirs.user
         WHERE mine.user = ?`,
      )
      .pluck(),
  };
}
