/** Cuts the text around a match and marks what matched. */
import { fold } from './fold.ts';

const charactersBefore = 40;
const charactersInAll = 180;

/**
 * @param words folded words that were searched.
 * @returns plain and matched parts in turn, beginning with a plain one (which may be empty).
 */
export function excerptOf(original: string, words: readonly string[]): string[] {
  const { text, origins } = fold(original);
  const matches = findMatches(text, words).map(({ from, to }) => ({
    from: origins[from] ?? 0,
    to: origins[to] ?? original.length,
  }));
  const first = matches[0]?.from ?? 0;
  const from = boundary(original, Math.max(0, first - charactersBefore));
  const to = boundary(original, Math.min(original.length, from + charactersInAll));
  const parts: string[] = [];
  let at = from;
  for (const match of matches) {
    if (match.from < at || match.from >= to) continue;
    const end = Math.min(to, match.to);
    parts.push(original.slice(at, match.from), original.slice(match.from, end));
    at = end;
  }
  parts.push(original.slice(at, to));
  if (from > 0) parts[0] = `…${parts[0] ?? ''}`;
  if (to < original.length) parts[parts.length - 1] = `${parts.at(-1) ?? ''}…`;
  return parts.map((part) => part.replace(/\s+/gu, ' '));
}

function findMatches(text: string, words: readonly string[]): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const word of words) {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length))
      found.push({ from: at, to: at + word.length });
  }
  return found.sort((one, other) => one.from - other.from || other.to - one.to);
}

/** Never cuts a surrogate pair in two. */
function boundary(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
}
