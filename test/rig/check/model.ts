/** The plain model of what a log looks like: each message, and on it all edits, deletions and reactions in log order. */
import type { ChangeContent, Envelope, MessageId, UserId } from '../../../protocol/index.ts';
import { contentOf } from './said.ts';

export interface Shown {
  readonly id: MessageId;
  readonly seq: number;
  readonly user: UserId;
  kind: 'text' | 'media' | 'deleted';
  text: string;
  edited: boolean;
  /** Who reacted, by emoji; emptied by a deletion. */
  readonly reactions: Map<string, Set<UserId>>;
}

/** Messages that are shown, in the order of the log. */
export function showLog(log: readonly Envelope[]): Map<MessageId, Shown> {
  const shown = new Map<MessageId, Shown>();
  for (const envelope of log) {
    const content = contentOf(envelope);
    if (content?.kind !== 'text' && content?.kind !== 'media') continue;
    const { id, seq, user } = envelope;
    const { kind, text = '' } = content;
    shown.set(id, { id, seq, user, kind, text, edited: false, reactions: new Map() });
  }
  for (const envelope of log) applyTo(shown, envelope);
  return shown;
}

function applyTo(shown: ReadonlyMap<MessageId, Shown>, envelope: Envelope): void {
  const content = contentOf(envelope);
  if (content?.kind !== 'edit' && content?.kind !== 'delete' && content?.kind !== 'reaction') return;
  const target = shown.get(content.target);
  if (target && target.kind !== 'deleted') change(target, content, envelope.user);
}

function change(target: Shown, content: ChangeContent, user: UserId): void {
  if (content.kind === 'reaction') {
    const people = target.reactions.get(content.emoji) ?? new Set();
    if (content.on) people.add(user);
    else people.delete(user);
    target.reactions.set(content.emoji, people);
  } else if (user !== target.user) return;
  else if (content.kind === 'edit') {
    target.text = content.text;
    target.edited = true;
  } else {
    target.kind = 'deleted';
    target.reactions.clear();
  }
}
