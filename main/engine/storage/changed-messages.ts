/** Writes into messages what their changes come to, and erases what was deleted. */
import { createHash } from 'node:crypto';
import type { ChangeContent, MessageId } from '../../../protocol/index.ts';
import { appliedChanges, changedText, type LoggedChange, type Original, type TextState } from './applied-changes.ts';
import { createChangesTable } from './changes-table.ts';
import type { Database } from './database.ts';
import type { ReactionsTable } from './reactions-table.ts';
import type { ReleasedTable } from './released-table.ts';
import type { TextIndex } from './text-index.ts';

/** Conversations and people by their keys. */
export interface ChangedMessages {
  /** A change came to stand in the log. */
  take(conversation: number, seq: number, person: number, content: ChangeContent): void;
  /** A message came to be here, or is understood only now: what is known to change it counts at once. */
  arrived(conversation: number, message: MessageId): void;
  /** A message or a change lost its place in the log; its row is gone. */
  left(conversation: number, seq: number, id: MessageId): void;
}

interface ChangedDeps {
  readonly reactions: ReactionsTable;
  readonly released: ReleasedTable;
  readonly index: TextIndex;
}

interface TargetRow {
  rowid: number;
  id: MessageId;
  sender: number;
  content_kind: Original['kind'];
  text: string | null;
  original_text: string | null;
  edited_seq: number | null;
  deleted_seq: number | null;
}

interface PayloadRow {
  rowid: number;
  payload: Uint8Array;
}

const nothing = new Uint8Array();

/** What was erased stays deleted, even when the relay loses the deletion: there is nothing left to show. */
export function createChangedMessages(
  database: Database,
  { reactions, released, index }: ChangedDeps,
): ChangedMessages {
  const rows = createChangesTable(database);
  const selectTarget = database.prepare<[string, number], TargetRow>(`
    SELECT rowid, id, sender, content_kind, text, original_text, edited_seq, deleted_seq FROM messages
    WHERE id = ? AND conversation = ? AND content_kind IS NOT NULL`);
  const updateText = database.prepare<[string | null, string | null, number | null, number]>(
    'UPDATE messages SET text = ?, original_text = ?, edited_seq = ? WHERE rowid = ?',
  );
  const updateDeleted = database.prepare<[number, number]>(`
    UPDATE messages SET deleted_seq = ?, text = NULL, original_text = NULL, edited_seq = NULL, reply_to = NULL
    WHERE rowid = ?`);
  const selectPayload = database.prepare<[number], PayloadRow>(
    'SELECT rowid, payload FROM messages WHERE rowid = ? AND payload_hash IS NULL',
  );
  const selectPayloadAt = database.prepare<[number, number], PayloadRow>(
    'SELECT rowid, payload FROM messages WHERE conversation = ? AND seq = ? AND payload_hash IS NULL',
  );
  const updatePayload = database.prepare<[Uint8Array, Uint8Array, number]>(
    'UPDATE messages SET payload = ?, payload_hash = ? WHERE rowid = ?',
  );

  function erasePayload(row: PayloadRow | undefined): void {
    if (row) updatePayload.run(nothing, createHash('sha256').update(row.payload).digest(), row.rowid);
  }

  function write(conversation: number, row: TargetRow, state: TextState): void {
    if (state.deletedSeq !== null) return erase(conversation, row, state.deletedSeq);
    if (state.editedSeq === row.edited_seq) return;
    index.replace(row.rowid, row.text, state.text);
    updateText.run(state.text, state.editedSeq === null ? null : originalOf(row).text, state.editedSeq, row.rowid);
  }

  function erase(conversation: number, row: TargetRow, seq: number): void {
    index.replace(row.rowid, row.text, null);
    updateDeleted.run(seq, row.rowid);
    erasePayload(selectPayload.get(row.rowid));
    for (const edit of rows.eraseTexts(conversation, row.id, row.sender)) {
      erasePayload(selectPayloadAt.get(conversation, edit));
    }
    released.release(row.rowid);
    reactions.clear(conversation, row.id);
  }

  function settleReaction(conversation: number, target: MessageId, person: number, emoji: string): void {
    const last = rows.lastReaction(conversation, target, person, emoji);
    if (last?.on) reactions.set(conversation, target, { seq: last.seq, person, emoji });
    else reactions.unset(conversation, target, person, emoji);
  }

  function workOut(conversation: number, target: MessageId): void {
    const row = selectTarget.get(target, conversation);
    if (!row) return;
    const { reactions: standing, ...state } = appliedChanges(originalOf(row), rows.of(conversation, target));
    if (row.deleted_seq !== null) return;
    write(conversation, row, state);
    reactions.clear(conversation, target);
    for (const reaction of standing) reactions.set(conversation, target, reaction);
  }

  return {
    take(conversation, seq, person, { target, ...change }) {
      const logged: LoggedChange = { seq, person, change };
      rows.add(conversation, target, logged);
      const row = selectTarget.get(target, conversation);
      if (!row) return;
      const state = changedText({ sender: row.sender, kind: row.content_kind }, stateOf(row), logged);
      if (change.kind !== 'reaction') write(conversation, row, state);
      else if (row.deleted_seq === null) settleReaction(conversation, target, person, change.emoji);
    },
    arrived(conversation, message) {
      if (rows.has(conversation, message)) workOut(conversation, message);
    },
    left(conversation, seq, id) {
      const target = rows.removeAt(conversation, seq);
      if (target) workOut(conversation, target);
      reactions.clear(conversation, id);
    },
  };
}

function stateOf({ deleted_seq: deletedSeq, edited_seq: editedSeq, text }: TargetRow): TextState {
  return { deletedSeq, editedSeq, text };
}

function originalOf({
  sender,
  content_kind: kind,
  text,
  original_text: first,
  edited_seq: edited,
}: TargetRow): Original {
  return { sender, kind, text: edited === null ? text : first };
}
