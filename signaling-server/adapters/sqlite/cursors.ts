/** Moves members' cursors: upwards only, and never past what there is. */
import type { Database } from 'better-sqlite3';
import type { CursorAdvance, CursorMove, CursorRefusal } from '../../ports/store.ts';
import { memberOf, type ConversationCache, type HeldConversation } from './conversation-cache.ts';

/** @returns carries out one move inside a transaction and adds what it changed to `touched`. */
export function createCursorMover(db: Database, cache: ConversationCache) {
  const update = db.prepare<[number, number, number, number]>(
    'UPDATE members SET delivered = ?, read = ? WHERE conversation = ? AND user = ?',
  );

  return (move: CursorMove, touched: HeldConversation[]): CursorAdvance | CursorRefusal | null => {
    const conversation = cache.find(move.conversation);
    const member = conversation && memberOf(conversation, move.user);
    if (!conversation || !member) return { state: 'refused', code: 'not_found' };

    const { delivered = 0, read = 0 } = move;
    if (Math.max(delivered, read) > conversation.head) return { state: 'refused', code: 'seq_ahead' };
    const merged = { delivered: Math.max(member.delivered, delivered, read), read: Math.max(member.read, read) };
    if (merged.delivered === member.delivered && merged.read === member.read) return null;

    touched.push(conversation);
    update.run(merged.delivered, merged.read, conversation.key, member.key);
    member.delivered = merged.delivered;
    member.read = merged.read;
    return { state: 'advanced', cursor: { user: member.user, ...merged }, members: conversation.users };
  };
}
