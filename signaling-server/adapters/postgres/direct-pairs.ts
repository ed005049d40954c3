/** Opens the one direct conversation of a pair of users, whichever relays are asked at once. */
import { sql, type Kysely } from 'kysely';
import { ParleyError, type Conversation, type ConversationId, type UserId } from '../../../protocol/index.ts';
import type { ConversationStore } from '../../ports/store.ts';
import type { Database } from './database.ts';
import type { Tables } from './tables.ts';
import { idList } from './values.ts';

interface Pair {
  readonly low: UserId;
  readonly high: UserId;
}

export function createDirectOpener(
  database: Database,
  get: (id: ConversationId) => Promise<Conversation | null>,
): ConversationStore['openDirect'] {
  return async ({ id, members: [first, second], now }) => {
    const pair = first < second ? { low: first, high: second } : { low: second, high: first };
    // Done again after a lost answer it finds the id that it was given: that is no other's conversation.
    const key = await database.transact({ name: 'conversations.openDirect', repeatable: true }, async (db) => {
      const known = await findPair(db, pair);
      if (known) return known;
      await assertUsers(db, pair);
      // Waits for whoever is opening the same one.
      const claimed = await claimPair(db, pair, id);
      if (!claimed) return (await findPair(db, pair)) ?? id;
      await insertConversation(db, pair, id, now);
      return id;
    });
    const conversation = await get(key);
    if (!conversation) throw new Error(`Conversation ${key} of a pair is missing from the database.`);
    return { conversation, created: key === id };
  };
}

async function findPair(db: Kysely<Tables>, { low, high }: Pair): Promise<ConversationId | null> {
  const row = await db
    .selectFrom('direct_pairs')
    .select('conversation_id')
    .where('low_id', '=', low)
    .where('high_id', '=', high)
    .executeTakeFirst();
  return row?.conversation_id ?? null;
}

async function assertUsers(db: Kysely<Tables>, { low, high }: Pair): Promise<void> {
  const found = await db
    .selectFrom('users')
    .select('user_id')
    .where(sql<boolean>`user_id = ANY (${idList([low, high])}::uuid[])`)
    .execute();
  if (found.length === new Set([low, high]).size) return;
  throw new ParleyError('not_found', { message: 'There is no such user on this relay.' });
}

async function claimPair(db: Kysely<Tables>, { low, high }: Pair, id: ConversationId): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('direct_pairs')
    .values({ low_id: low, high_id: high, conversation_id: id })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

async function insertConversation(
  db: Kysely<Tables>,
  { low, high }: Pair,
  id: ConversationId,
  now: number,
): Promise<void> {
  const members = [...new Set([low, high])].map((user_id) => ({ user_id, conversation_id: id }));
  await db
    .insertInto('conversations')
    .values({ conversation_id: id, kind: 'direct', active_at: now, created_at: now, changed_at: sql`now()` })
    .execute();
  await db.insertInto('members').values(members).execute();
  await db.insertInto('memberships').values(members).execute();
}
