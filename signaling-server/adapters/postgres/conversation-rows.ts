/** Conversations with their members' cursors, as rows give them. */
import type { Conversation, ConversationId, UserId } from '../../../protocol/index.ts';

/** One row a member. */
export type MemberRow = [
  ConversationId,
  kind: Conversation['kind'],
  epoch: number,
  head: number,
  activeAt: number,
  createdAt: number,
  UserId,
  delivered: number,
  read: number,
];

export const memberColumns = `c.conversation_id, c.kind, c.epoch, c.head, c.active_at, c.created_at,
  m.user_id, m.delivered, m.read`;

/** @param rows those of a conversation one after another. */
export function toConversations(rows: readonly MemberRow[]): Conversation[] {
  const conversations: (Conversation & { cursors: Conversation['cursors'][number][] })[] = [];
  for (const [id, kind, epoch, head, activeAt, createdAt, user, delivered, read] of rows) {
    const cursor = { user, delivered, read };
    const last = conversations.at(-1);
    if (last?.id === id) last.cursors.push(cursor);
    else conversations.push({ id, kind, epoch, head, createdAt, activeAt, cursors: [cursor] });
  }
  return conversations;
}
