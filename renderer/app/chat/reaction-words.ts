/** Reactions in words: for screen readers and tooltips. */
import type { ReactionView } from '../../../bridge/views.ts';
import { emojiName } from '../emoji/emoji-list.ts';

/** The six that most people mean; all others are one step further. */
export const usualReactions = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const;

/** "Thumbs up, 2 people, you among them". */
export function reactionLabel({ emoji, count, own }: ReactionView): string {
  const people = count === 1 ? 'one person' : `${count} people`;
  if (!own) return `${emojiName(emoji)}, ${people}`;
  return count === 1 ? `${emojiName(emoji)}, you` : `${emojiName(emoji)}, ${people}, you among them`;
}

/** "You, Anna and 3 others: thumbs up"; oneself comes first. */
export function reactionTitle({ emoji, count, own, people }: ReactionView, me: string | null): string {
  const others = people.filter(({ id }) => id !== me).map(({ displayName }) => displayName);
  const named = [...(own ? ['You'] : []), ...others];
  const left = count - named.length;
  const names = left > 0 ? [...named, left === 1 ? 'one other' : `${left} others`] : named;
  const last = names.length > 1 ? ` and ${names.at(-1) ?? ''}` : '';
  return `${names.slice(0, Math.max(1, names.length - 1)).join(', ')}${last}: ${emojiName(emoji).toLowerCase()}`;
}
