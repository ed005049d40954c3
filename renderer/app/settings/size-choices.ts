/** The sizes up to which files are fetched without asking, as choices with words. Pure. */
import { limits } from '../../../bridge/text-rules.ts';
import { bytesWords } from '../media/media-words.ts';

const megabyte = 1_000_000;
const usual = [1, 5, 20, 100].map((size) => size * megabyte);

export interface SizeChoice {
  readonly value: number;
  readonly words: string;
}

/** The usual sizes, and the present one where it is none of them. */
export function sizeChoices(present: number): SizeChoice[] {
  const sizes = [0, ...usual, limits.fileBytes];
  const all = sizes.includes(present) ? sizes : [...sizes, present].sort((a, b) => a - b);
  return all.map((value) => ({ value, words: sizeWords(value) }));
}

function sizeWords(value: number): string {
  if (value === 0) return 'Never';
  return value >= limits.fileBytes ? 'Any size' : `Up to ${bytesWords(value)}`;
}
