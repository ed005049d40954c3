/** How the person marked conversations, whether they are known here yet or not: pinned, muted. */
import type { ConversationId } from '../../../protocol/index.ts';
import type { Database } from './database.ts';

export interface MarksTable {
  /** @param at when it was pinned; null when it is not. @returns whether that is new. */
  setPin(conversation: ConversationId, at: number | null): boolean;
  /** @param mute null when it is not muted. @returns whether that is new. */
  setMute(conversation: ConversationId, mute: { until: number | null } | null): boolean;
  /** When the next mute ends by itself; null when none does. */
  nextMuteEnd(): number | null;
}

export function createMarksTable(database: Database): MarksTable {
  const upsertPin = database.prepare<[string, number | null]>(`
    INSERT INTO conversation_marks (conversation, pinned_at) VALUES (?, ?)
    ON CONFLICT (conversation) DO UPDATE SET pinned_at = excluded.pinned_at WHERE pinned_at IS NOT excluded.pinned_at`);
  const upsertMute = database.prepare<[string, number, number | null]>(`
    INSERT INTO conversation_marks (conversation, muted, muted_until) VALUES (?, ?, ?)
    ON CONFLICT (conversation) DO UPDATE SET muted = excluded.muted, muted_until = excluded.muted_until
      WHERE muted <> excluded.muted OR muted_until IS NOT excluded.muted_until`);
  const selectEnd = database
    .prepare<[], number | null>('SELECT min(muted_until) FROM conversation_marks WHERE muted = 1')
    .pluck();

  return {
    setPin: (conversation, at) => upsertPin.run(conversation, at).changes > 0,
    setMute: (conversation, mute) => upsertMute.run(conversation, mute ? 1 : 0, mute?.until ?? null).changes > 0,
    nextMuteEnd: () => selectEnd.get() ?? null,
  };
}
