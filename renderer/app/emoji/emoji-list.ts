/** The emoji that Parley offers, by category, with names and words that find them. Flags of countries are left out: Windows has none. */
import { activities } from './list/activities.ts';
import { food } from './list/food.ts';
import { nature } from './list/nature.ts';
import { objects } from './list/objects.ts';
import { people } from './list/people.ts';
import { smileys } from './list/smileys.ts';
import { symbols } from './list/symbols.ts';
import { travel } from './list/travel.ts';

export interface Emoji {
  readonly sign: string;
  /** In lower case but for proper names. */
  readonly name: string;
  /** Lower-case words of the name and beyond it. */
  readonly words: readonly string[];
}

export interface EmojiCategory {
  readonly name: string;
  readonly emoji: readonly Emoji[];
}

/** A line is an emoji, a space, its name, and perhaps a comma and further words. */
function parseLine(line: string): Emoji {
  const at = line.indexOf(' ');
  const [name = '', more = ''] = line.slice(at + 1).split(', ');
  return {
    sign: line.slice(0, at),
    name,
    words: `${name} ${more}`
      .toLowerCase()
      .split(/[\s-]+/)
      .filter(Boolean),
  };
}

function category(name: string, lines: string): EmojiCategory {
  return { name, emoji: lines.trim().split('\n').map(parseLine) };
}

export const emojiCategories: readonly EmojiCategory[] = [
  category('Smileys', smileys),
  category('People', people),
  category('Animals and nature', nature),
  category('Food and drink', food),
  category('Activities', activities),
  category('Travel and places', travel),
  category('Things', objects),
  category('Signs', symbols),
];

/** The same sign is written with and without the mark "as a picture", and in several colours of skin. */
export function plainSign(sign: string): string {
  return sign.replace(/\uFE0F|\p{Emoji_Modifier}/gu, '');
}

const bySign = new Map(emojiCategories.flatMap(({ emoji }) => emoji.map((one) => [plainSign(one.sign), one] as const)));

export function findEmoji(sign: string): Emoji | undefined {
  return bySign.get(plainSign(sign));
}

/** "Thumbs up"; of one that is not on the list, the sign itself, which screen readers know how to say. */
export function emojiName(sign: string): string {
  const name = findEmoji(sign)?.name ?? sign;
  return name.charAt(0).toUpperCase() + name.slice(1);
}
