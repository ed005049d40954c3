/** Every edit, deletion and reaction of the log, by the message that it changes, whether that one is here or not. */
import type { MessageId } from '../../../protocol/index.ts';
import type { Change, LoggedChange } from './applied-changes.ts';
import type { Database } from './database.ts';

/** Conversations and people by their keys. */
export interface ChangesTable {
  /** Takes the place of what was noted there before. */
  add(conversation: number, target: MessageId, logged: LoggedChange): void;
  has(conversation: number, target: MessageId): boolean;
  /** In log order. */
  of(conversation: number, target: MessageId): LoggedChange[];
  /** The log has something else there now. @returns what was changed by it; null when it was no change. */
  removeAt(conversation: number, seq: number): MessageId | null;
  /** The last word of a person about an emoji. */
  lastReaction(conversation: number, target: MessageId, person: number, emoji: string): LastReaction | null;
  /** The texts of a person's edits are kept no longer. @returns their places in the log. */
  eraseTexts(conversation: number, target: MessageId, person: number): number[];
}

export interface LastReaction {
  readonly seq: number;
  readonly on: boolean;
}

interface ChangeRow {
  seq: number;
  person: number;
  kind: Change['kind'];
  text: string | null;
  emoji: string | null;
  is_on: number | null;
}

export function createChangesTable(database: Database): ChangesTable {
  const insert = database.prepare<
    [number, string, number, number, Change['kind'], string | null, string | null, number | null]
  >(`
    INSERT OR REPLACE INTO message_changes (conversation, target, seq, person, kind, text, emoji, is_on)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
  const select = database.prepare<[number, string], ChangeRow>(
    'SELECT seq, person, kind, text, emoji, is_on FROM message_changes WHERE conversation = ? AND target = ? ORDER BY seq',
  );
  const selectOne = database
    .prepare<[number, string], number>('SELECT 1 FROM message_changes WHERE conversation = ? AND target = ? LIMIT 1')
    .pluck();
  const erase = database
    .prepare<[number, number], MessageId>(
      'DELETE FROM message_changes WHERE conversation = ? AND seq = ? RETURNING target',
    )
    .pluck();
  const selectReaction = database.prepare<[number, string, number, string], { seq: number; is_on: number }>(`
    SELECT seq, is_on FROM message_changes
    WHERE conversation = ? AND target = ? AND person = ? AND emoji = ? AND kind = 'reaction' ORDER BY seq DESC LIMIT 1`);
  const eraseText = database
    .prepare<[number, string, number], number>(
      `UPDATE message_changes SET text = NULL
       WHERE conversation = ? AND target = ? AND person = ? AND kind = 'edit' AND text IS NOT NULL RETURNING seq`,
    )
    .pluck();

  return {
    add(conversation, target, { seq, person, change }) {
      const text = change.kind === 'edit' ? change.text : null;
      const [emoji, on] = change.kind === 'reaction' ? [change.emoji, change.on ? 1 : 0] : [null, null];
      insert.run(conversation, target, seq, person, change.kind, text, emoji, on);
    },
    has: (conversation, target) => selectOne.get(conversation, target) !== undefined,
    of: (conversation, target) => select.all(conversation, target).flatMap((row) => loggedChange(row) ?? []),
    removeAt: (conversation, seq) => erase.get(conversation, seq) ?? null,
    lastReaction(conversation, target, person, emoji) {
      const row = selectReaction.get(conversation, target, person, emoji);
      return row ? { seq: row.seq, on: row.is_on === 1 } : null;
    },
    eraseTexts: (conversation, target, person) => eraseText.all(conversation, target, person),
  };
}

/** Null for an edit whose text is erased: its message is deleted, so that it counts for nothing. */
function loggedChange({ seq, person, kind, text, emoji, is_on: on }: ChangeRow): LoggedChange | null {
  if (kind === 'delete') return { seq, person, change: { kind } };
  if (kind === 'edit') return text === null ? null : { seq, person, change: { kind, text } };
  return { seq, person, change: { kind, emoji: emoji ?? '', on: on === 1 } };
}
