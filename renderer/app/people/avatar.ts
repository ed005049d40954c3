/** What stands in for a person's picture: initials on one of twelve colours. */

export const avatarColours = 12;

/** FNV-1a over the id, so that a person has the same colour on every device. */
export function avatarColour(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % avatarColours;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function firstSign(word: string): string {
  for (const { segment } of graphemes.segment(word)) return segment;
  return '';
}

/** Keeps letters of joining scripts, such as Arabic, from growing together. */
const separator = '\u200C';

/** The first letters of the first and the last word; an emoji stands alone. */
export function initials(name: string): string {
  const words = name.split(/[\s_-]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = words[0];
  if (first === undefined) return firstSign(name.trim()) || '?';
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  const [a, b] = [first, last].map((word) => firstSign((word ?? '').replace(/^[^\p{L}\p{N}]+/u, '')));
  return [a, b].filter(Boolean).join(separator).toLocaleUpperCase();
}
