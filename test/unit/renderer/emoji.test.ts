/** The emoji on offer: each once, named, found by what people call it, and reached by keys. */
import { describe, expect, it } from 'vitest';
import { limits } from '../../../bridge/text-rules.ts';
import { emojiCategories, emojiName, findEmoji } from '../../../renderer/app/emoji/emoji-list.ts';
import { searchEmoji } from '../../../renderer/app/emoji/emoji-search.ts';
import { gridStep } from '../../../renderer/app/emoji/grid-step.ts';
import { OwnTone } from '../../../renderer/app/emoji/own-tone.svelte.ts';
import { chosenOrInTone, inTone, skinTones } from '../../../renderer/app/emoji/skin-tones.ts';
import { RecentEmoji } from '../../../renderer/app/emoji/recent-emoji.svelte.ts';
import { isEmojiOnly } from '../../../renderer/app/chat/text-parts.ts';
import { usualReactions } from '../../../renderer/app/chat/reaction-words.ts';

function memory(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
    clear: () => kept.clear(),
    key: () => null,
    length: 0,
  };
}

const all = emojiCategories.flatMap(({ emoji }) => emoji);
const signs = (query: string) => searchEmoji(query).map(({ sign }) => sign);

describe('the list of emoji', () => {
  it('holds real emoji, each once and with a name of its own', () => {
    expect(all.length).toBeGreaterThan(400);
    expect(new Set(all.map(({ sign }) => sign)).size).toBe(all.length);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    for (const { sign, name, words } of all) {
      expect(isEmojiOnly(sign), sign).toBe(true);
      expect(sign.length, sign).toBeLessThanOrEqual(limits.reactionCharacters);
      expect(name.length, sign).toBeGreaterThan(1);
      expect(
        words.every((word) => /^[^\s,]+$/.test(word)),
        sign,
      ).toBe(true);
    }
  });

  it('names an emoji in any colour of skin and with or without the mark "as a picture"', () => {
    expect(emojiName('👍')).toBe('Thumbs up');
    expect(emojiName('👍🏽')).toBe('Thumbs up');
    expect(emojiName('❤')).toBe('Red heart');
    expect(emojiName('🦩')).toBe('🦩');
  });

  it('has the usual reactions', () => {
    expect(usualReactions.map((sign) => findEmoji(sign)?.sign)).toEqual([...usualReactions]);
  });
});

describe('searching emoji', () => {
  it('finds by the beginnings of words, names first', () => {
    expect(signs('thumbs')).toEqual(['👍', '👎']);
    expect(signs('birthday c')).toContain('🎂');
    expect(signs('cat')[0]).toBe('🐱');
    expect(signs('LOL')).toEqual(expect.arrayContaining(['😂', '🤣']));
    expect(signs('atermelon')).toEqual([]);
    expect(signs('  ')).toEqual([]);
  });

  it('an emoji finds itself', () => {
    expect(signs('🎂')).toEqual(['🎂']);
  });
});

describe('the arrow keys in the picker', () => {
  // Three in a row; the first section ends with a row of one.
  const cells = [0, 1, 2, 3, 4, 5, 6].map((at) => ({
    left: at < 4 ? (at % 3) * 10 : (at - 4) * 10,
    top: at < 3 ? 0 : at === 3 ? 10 : 40,
  }));
  it('go to what stands there, over short rows and sections', () => {
    expect(gridStep(cells, 1, 'ArrowDown')).toBe(3);
    expect(gridStep(cells, 3, 'ArrowDown')).toBe(4);
    expect(gridStep(cells, 6, 'ArrowUp')).toBe(3);
    expect(gridStep(cells, 2, 'ArrowRight')).toBe(3);
    expect(gridStep(cells, 0, 'ArrowLeft')).toBeNull();
    expect(gridStep(cells, 0, 'ArrowUp')).toBeNull();
    expect(gridStep(cells, 6, 'ArrowDown')).toBeNull();
    expect(gridStep(cells, 6, 'Home')).toBe(0);
  });
});

describe('emoji used last', () => {
  it('are kept newest first and each once, over a restart, until they are forgotten', () => {
    const storage = memory();
    const recent = new RecentEmoji(storage);
    for (const sign of ['🎂', '👍', '🎂', ...all.slice(0, 14).map(({ sign }) => sign)]) recent.used(sign);
    const again = new RecentEmoji(storage).emoji.map(({ sign }) => sign);
    expect(again).toHaveLength(16);
    expect(again.slice(-2)).toEqual(['🎂', '👍']);
    recent.forget();
    expect(new RecentEmoji(storage).emoji).toEqual([]);
  });
});

describe('colours of skin', () => {
  const [, light, , , , dark] = skinTones;

  it.each([
    ['👍', '👍🏿'],
    ['✌️', '✌🏿'],
    ['🧑‍💻', '🧑🏿‍💻'],
    ['👨‍👩‍👧', '👨‍👩‍👧'],
    ['❤️', '❤️'],
    ['😂', '😂'],
  ])('%s is %s', (sign, toned) => {
    expect(inTone(sign, dark.modifier)).toBe(toned);
    expect(inTone(sign, '')).toBe(sign);
  });

  it('leave every emoji one emoji, of the same name, that fits into a reaction', () => {
    for (const { sign } of all) {
      const toned = inTone(sign, light.modifier);
      expect(isEmojiOnly(toned), toned).toBe(true);
      expect(emojiName(toned)).toBe(emojiName(sign));
      expect(toned.length, toned).toBeLessThanOrEqual(limits.reactionCharacters);
    }
  });

  it('a reaction in another colour is taken back, not given a second time', () => {
    expect(chosenOrInTone('👍', ['❤️', '👍🏻'], dark.modifier)).toBe('👍🏻');
    expect(chosenOrInTone('👍', ['❤️'], dark.modifier)).toBe('👍🏿');
  });

  it('are remembered until somebody logs out; what is none is not taken', () => {
    const storage = memory();
    storage.setItem('parley.skin-tone', 'x');
    const own = new OwnTone(storage);
    expect(own.tone).toBe('');
    own.tone = dark.modifier;
    expect(new OwnTone(storage).tone).toBe(dark.modifier);
    own.forget();
    expect([own.tone, new OwnTone(storage).tone]).toEqual(['', '']);
  });
});
