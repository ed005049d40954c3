/** Conversations, their members and how far each of them got. */
import type { ConversationId, UserId } from '../../../protocol/index.ts';
import type { ConversationStore } from '../../ports/store.ts';
import { memberColumns, toConversations, type MemberRow } from './conversation-rows.ts';
import { createCursorMover } from './cursors.ts';
import type { Database } from './database.ts';
import { createDirectOpener } from './direct-pairs.ts';
import type { MembersCache } from './members-cache.ts';
import { idList } from './values.ts';

const statements = {
  get: `SELECT ${memberColumns} FROM conversations c JOIN members m ON m.conversation_id = c.conversation_id
    WHERE c.conversation_id = $1::uuid ORDER BY m.user_id`,
  listOf: `WITH mine AS (SELECT conversation_id FROM memberships WHERE user_id = $1::uuid)
    SELECT ${memberColumns} FROM conversations c JOIN members m ON m.conversation_id = c.conversation_id
    WHERE c.conversation_id IN (SELECT conversation_id FROM mine)
    ORDER BY c.active_at DESC, c.conversation_id DESC, m.user_id`,
  pageOf: `WITH mine AS (
      SELECT conversation_id FROM memberships
      WHERE user_id = $1::uuid AND ($2::uuid IS NULL OR conversation_id > $2::uuid) ORDER BY conversation_id LIMIT $3::bigint
    )
    SELECT ${memberColumns} FROM conversations c JOIN members m ON m.conversation_id = c.conversation_id
    WHERE c.conversation_id IN (SELECT conversation_id FROM mine) ORDER BY c.conversation_id, m.user_id`,
  // Relays from before `changed_at` was noted, which may still run, set the time of the newest message alone.
  activeWithin: `WITH mine AS (SELECT user_id, conversation_id FROM memberships WHERE user_id = ANY ($1::uuid[])),
    since AS (SELECT now() - $2::bigint * interval '1 millisecond' AS moment),
    active AS (
      SELECT conversation_id, head FROM conversations, since
      WHERE conversation_id IN (SELECT conversation_id FROM mine)
        AND (changed_at >= moment OR active_at >= (extract(epoch FROM moment) * 1000)::bigint)
    )
    SELECT mine.user_id, active.conversation_id, active.head
    FROM active JOIN mine ON mine.conversation_id = active.conversation_id`,
  contactsAmong: `WITH mine AS (SELECT conversation_id FROM memberships WHERE user_id = $1::uuid)
    SELECT DISTINCT user_id FROM members
    WHERE conversation_id IN (SELECT conversation_id FROM mine) AND user_id = ANY ($2::uuid[])
      AND (user_id <> $1::uuid OR EXISTS (
        SELECT 1 FROM direct_pairs WHERE low_id = $1::uuid AND high_id = $1::uuid
      ))`,
};

export function createConversationStore(database: Database, members: MembersCache): ConversationStore {
  function rowsOf<R extends unknown[]>(act: keyof typeof statements, ...values: unknown[]): Promise<R[]> {
    return database.direct({ name: `conversations.${act}`, repeatable: true }, (connection) =>
      connection.rows<R>({ name: `conversations-${act}`, text: statements[act], values }),
    );
  }

  const get = async (id: ConversationId) => toConversations(await rowsOf<MemberRow>('get', id))[0] ?? null;

  return {
    openDirect: createDirectOpener(database, get),
    async get(id, member) {
      const conversation = await get(id);
      return conversation?.cursors.some(({ user }) => user === member) ? conversation : null;
    },
    listOf: async (user) => toConversations(await rowsOf<MemberRow>('listOf', user)),
    pageOf: async (user, after, limit) => toConversations(await rowsOf<MemberRow>('pageOf', user, after, limit)),
    async activeWithin(users, ms) {
      const rows = await rowsOf<[UserId, ConversationId, number]>('activeWithin', idList(users), Math.ceil(ms));
      return rows.map(([user, conversation, head]) => ({ user, conversation, head }));
    },
    async contactsAmong(user, others) {
      const rows = await rowsOf<[UserId]>('contactsAmong', user, idList(others));
      const sharing = new Set(rows.map(([id]) => id));
      return [...new Set(others)].filter((other) => sharing.has(other));
    },
    advance: createCursorMover(database, members),
  };
}
