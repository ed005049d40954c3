/** Opens the one direct conversation of a pair of users. */
import type { Database } from 'better-sqlite3';
import { ParleyError } from '../../../protocol/index.ts';
import type { ConversationStore } from '../../ports/store.ts';
import { toConversation, type ConversationCache } from './conversation-cache.ts';
import { idToBytes } from './ids.ts';
import type { Keys } from './keys.ts';
import type { Writer } from './writer.ts';

interface Deps {
  readonly db: Database;
  readonly writer: Writer;
  readonly keys: Keys;
  readonly cache: ConversationCache;
}

export function createDirectOpener({ db, writer, keys, cache }: Deps): ConversationStore['openDirect'] {
  const find = db
    .prepare<[number, number], number>('SELECT conversation FROM direct_pairs WHERE low = ? AND high = ?')
    .pluck();
  const insert = db.prepare<[Buffer, number]>(
    "INSERT INTO conversations (public_id, kind, created_at) VALUES (?, 'direct', ?)",
  );
  const addPair = db.prepare<[number, number, number]>('INSERT INTO direct_pairs VALUES (?, ?, ?)');
  const addMember = db.prepare<[number, number]>('INSERT INTO members (conversation, user) VALUES (?, ?)');

  return async ({ id, members: [first, second], now }) => {
    const pair = [first, second].map((user) => keys.ofUser(user) ?? unknownUser()).sort((a, b) => a - b);
    const [low = 0, high = low] = pair;
    const { key, created } = await writer.run(() => {
      const known = find.get(low, high);
      if (known !== undefined) return { key: known, created: false };
      const conversation = Number(insert.run(idToBytes(id), now).lastInsertRowid);
      addPair.run(low, high, conversation);
      for (const member of new Set(pair)) addMember.run(conversation, member);
      return { key: conversation, created: true };
    });
    const conversation = cache.ofKey(key);
    if (!conversation) throw new Error(`Conversation ${key} of a pair is missing from the database.`);
    return { conversation: toConversation(conversation), created };
  };
}

function unknownUser(): never {
  throw new ParleyError('not_found', { message: 'There is no such user on this relay.' });
}
