/** Notes as bytes, in pieces that the server takes. */
import { decodeOne, encodeOne } from '../../../protocol/index.ts';
import type { Note } from '../../ports/bus.ts';
import { parseNote } from './note-schema.ts';

/** Encodes a note when it is met first; a note goes to all members of a conversation one after another. */
export function createNoteEncoder() {
  let last: { note: Note; maxBytes: number; pieces: readonly Uint8Array[] } | null = null;
  return (note: Note, maxBytes: number): readonly Uint8Array[] => {
    if (last?.note !== note || last.maxBytes !== maxBytes) last = { note, maxBytes, pieces: piecesOf(note, maxBytes) };
    return last.pieces;
  };
}

/**
 * One piece as a rule. In place of messages that are too large goes the seq up to which there are any, since the store
 * has them; lists are halved until they fit.
 * @returns none for what can't be made to fit.
 */
function piecesOf(note: Note, maxBytes: number): readonly Uint8Array[] {
  const bytes = encodeOne(note);
  if (bytes.byteLength <= maxBytes) return [bytes];
  return smaller(note).flatMap((part) => piecesOf(part, maxBytes));
}

function smaller(note: Note): Note[] {
  if (note.type === 'messages') {
    return [{ type: 'head', conversation: note.conversation, head: note.messages.at(-1)?.seq ?? 0 }];
  }
  if (note.type === 'cursors' && note.cursors.length > 1) {
    const half = note.cursors.length >> 1;
    return [note.cursors.slice(0, half), note.cursors.slice(half)].map((cursors) => ({ ...note, cursors }));
  }
  return [];
}

/** @returns null for what is no note, or one of a newer relay. */
export function decodeNote(bytes: Uint8Array): Note | null {
  try {
    return parseNote(decodeOne(bytes));
  } catch {
    return null;
  }
}
