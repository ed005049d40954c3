/** The reactions that stand, as the changes of the log left them. */
import type { PersonView } from '../../../bridge/views.ts';
import type { ConversationId, MessageId, UserId } from '../../../protocol/index.ts';
import type { StandingReaction } from './applied-changes.ts';
import type { Database } from './database.ts';

/** A reaction with the person who shows it. */
export interface ShownReaction {
  readonly emoji: string;
  readonly person: PersonView;
}

export interface ReactionsTable {
  set(conversation: number, target: MessageId, reaction: StandingReaction): void;
  unset(conversation: number, target: MessageId, person: number, emoji: string): void;
  clear(conversation: number, target: MessageId): void;
  /** Of these messages, each in the order in which they came to be. */
  of(conversation: ConversationId, targets: readonly MessageId[]): Map<MessageId, ShownReaction[]>;
}

interface ReactionRow {
  target: MessageId;
  emoji: string;
  id: UserId;
  username: string;
  display_name: string;
}

export function createReactionsTable(database: Database): ReactionsTable {
  const upsert = database.prepare<[number, string, string, number, number]>(`
    INSERT INTO reactions (conversation, target, emoji, person, seq) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (conversation, target, emoji, person) DO UPDATE SET seq = excluded.seq`);
  const erase = database.prepare<[number, string, string, number]>(
    'DELETE FROM reactions WHERE conversation = ? AND target = ? AND emoji = ? AND person = ?',
  );
  const eraseAll = database.prepare<[number, string]>('DELETE FROM reactions WHERE conversation = ? AND target = ?');
  const select = database.prepare<[string, string], ReactionRow>(`
    SELECT r.target, r.emoji, p.id, p.username, p.display_name FROM reactions r JOIN people p ON p.key = r.person
    WHERE r.conversation = (SELECT key FROM conversations WHERE id = ?) AND r.target IN (SELECT value FROM json_each(?))
    ORDER BY r.target, r.seq`);

  return {
    set: (conversation, target, { emoji, person, seq }) => void upsert.run(conversation, target, emoji, person, seq),
    unset: (conversation, target, person, emoji) => void erase.run(conversation, target, emoji, person),
    clear: (conversation, target) => void eraseAll.run(conversation, target),
    of(conversation, targets) {
      const found = new Map<MessageId, ShownReaction[]>();
      if (targets.length === 0) return found;
      for (const { target, emoji, id, username, display_name: displayName } of select.all(
        conversation,
        JSON.stringify(targets),
      )) {
        const reactions = found.get(target) ?? [];
        reactions.push({ emoji, person: { id, username, displayName } });
        found.set(target, reactions);
      }
      return found;
    },
  };
}
