/** Finds emoji by the beginnings of their words: all that was typed has to match, names before further words. */
import { emojiCategories, findEmoji, type Emoji } from './emoji-list.ts';

function matches(emoji: Emoji, typed: readonly string[]): boolean {
  return typed.every((part) => emoji.words.some((word) => word.startsWith(part)));
}

/** How well it matches: the smaller, the better; of two that match alike the one with the shorter name. */
function distance({ name, words }: Emoji, query: string): number {
  const lower = name.toLowerCase();
  if (lower.startsWith(query)) return 0;
  return words.indexOf(query) >= 0 ? 1 : 2;
}

/** An emoji typed or pasted finds itself. */
export function searchEmoji(query: string): readonly Emoji[] {
  const lower = query.trim().toLowerCase();
  if (lower === '') return [];
  const itself = findEmoji(query.trim());
  if (itself) return [itself];
  const typed = lower.split(/\s+/);
  const found = emojiCategories.flatMap(({ emoji }) => emoji.filter((one) => matches(one, typed)));
  return found
    .map((one) => ({ one, far: distance(one, lower) }))
    .sort((a, b) => a.far - b.far || a.one.name.length - b.one.name.length)
    .map(({ one }) => one);
}
