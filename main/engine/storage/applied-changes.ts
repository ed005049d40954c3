/** What edits, deletions and reactions make of a message: a pure function of the original and its changes in log order. */
import type { ChangeContent } from '../../../protocol/index.ts';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** What is done to a message, whichever it is. */
export type Change = Without<ChangeContent, 'target'>;

/** A change at its place in the log. People stand for themselves as numbers, as in the tables. */
export interface LoggedChange {
  readonly seq: number;
  readonly person: number;
  readonly change: Change;
}

export interface Original {
  readonly sender: number;
  readonly kind: 'text' | 'media' | 'unsupported';
  /** The caption of files; null for none. */
  readonly text: string | null;
}

/** Whether the text is the sender's first one, a later one, or gone. */
export interface TextState {
  readonly deletedSeq: number | null;
  readonly editedSeq: number | null;
  readonly text: string | null;
}

export interface StandingReaction {
  readonly seq: number;
  readonly person: number;
  readonly emoji: string;
}

export interface Applied extends TextState {
  /** By the order in which they came to be. */
  readonly reactions: readonly StandingReaction[];
}

/** The order in which the changes are given does not matter, only the one that the log gave them. */
export function appliedChanges(original: Original, changes: readonly LoggedChange[]): Applied {
  const first: TextState = { deletedSeq: null, editedSeq: null, text: original.text };
  const state = changes.reduce((before, next) => changedText(original, before, next), first);
  return { ...state, reactions: state.deletedSeq === null ? standingReactions(changes) : [] };
}

/** Takes in one more change, whatever its place among those that were taken in before. */
export function changedText(
  { sender, kind }: Pick<Original, 'sender' | 'kind'>,
  before: TextState,
  { seq, person, change }: LoggedChange,
): TextState {
  if (person !== sender) return before;
  if (change.kind === 'delete') {
    return { deletedSeq: Math.min(seq, before.deletedSeq ?? seq), editedSeq: null, text: null };
  }
  if (change.kind !== 'edit' || before.deletedSeq !== null || !isTextOf(kind, change.text)) return before;
  if (seq < (before.editedSeq ?? 0)) return before;
  return { deletedSeq: null, editedSeq: seq, text: change.text === '' ? null : change.text };
}

/** An empty one only takes a caption away. What the text of an unknown kind would mean is not known either. */
export function isTextOf(kind: Original['kind'], text: string): boolean {
  return kind === 'media' || (kind === 'text' && text !== '');
}

function standingReactions(changes: readonly LoggedChange[]): StandingReaction[] {
  const last = new Map<string, StandingReaction & { on: boolean }>();
  for (const { seq, person, change } of changes) {
    if (change.kind !== 'reaction') continue;
    const name = `${person} ${change.emoji}`;
    const known = last.get(name);
    if (!known || known.seq < seq) last.set(name, { seq, person, emoji: change.emoji, on: change.on });
  }
  return [...last.values()]
    .filter(({ on }) => on)
    .map(({ seq, person, emoji }) => ({ seq, person, emoji }))
    .sort((one, other) => one.seq - other.seq);
}
