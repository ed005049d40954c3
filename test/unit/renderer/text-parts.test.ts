/** Links, emoji and beginnings, found in text that nobody can trust. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginningOf, isEmojiOnly, textParts } from '../../../renderer/app/chat/text-parts.ts';

const links = (text: string) => textParts(text).flatMap(({ url }) => (url === null ? [] : [url]));

describe('links', () => {
  it.each([
    ['see https://example.org/a?b=1#c.', 'https://example.org/a?b=1#c'],
    ['(https://example.org/wiki/Cake_(food))', 'https://example.org/wiki/Cake_(food)'],
    ['"https://example.org"', 'https://example.org/'],
    ['www.example.org, and', 'https://www.example.org/'],
    ['HTTP://EXAMPLE.ORG/Path', 'http://example.org/Path'],
    ['請看 https://example.org/頁。', 'https://example.org/%E9%A0%81'],
  ])('are found in %s', (text, url) => {
    expect(links(text)).toEqual([url]);
  });

  it.each([
    'javascript:alert(1)',
    'file:///etc/passwd',
    'mailto:a@b.c',
    'http://',
    'https://[',
    'xhttps://example.org',
    'a@www.example.org',
  ])('are not made of %s', (text) => {
    expect(links(text)).toEqual([]);
  });

  it('lead only to http and https, and no text is lost or added', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('https://', 'www.', 'example.org', ' ', '<b>', '"', ')', '(', '.', '\n'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const text = pieces.join('');
        const parts = textParts(text);
        expect(parts.map((part) => part.text).join('')).toBe(text);
        for (const { url } of parts) if (url !== null) expect(url).toMatch(/^https?:\/\/./);
      }),
    );
  });

  it('are found in a wall of text within a moment', () => {
    const at = performance.now();
    textParts('https://'.repeat(2_000) + ')'.repeat(300));
    textParts('www.'.repeat(4_000));
    expect(performance.now() - at).toBeLessThan(500);
  });
});

describe('emoji-only messages', () => {
  it.each(['👍', '🎉🥳', '❤️', '👩‍👩‍👧‍👦', '🇩🇪', '1️⃣', ' 👋🏽 '])('are %s', (text) => {
    expect(isEmojiOnly(text)).toBe(true);
  });
  it.each(['ok', '1', '©', '👍 yes', '', '   ', '👍👍👍👍👍👍'])('are not %j', (text) => {
    expect(isEmojiOnly(text)).toBe(false);
  });
});

describe('the beginning of a long text', () => {
  it('is not cut where the text is short, even a little over', () => {
    expect(beginningOf('a\n'.repeat(28))).toBeNull();
    expect(beginningOf('x'.repeat(2_900))).toBeNull();
  });

  it('ends after whole lines', () => {
    const lines = Array.from({ length: 1_000 }, (_, line) => `line ${line}`);
    expect(beginningOf(lines.join('\n'))).toBe(lines.slice(0, 24).join('\n'));
  });

  it('ends after a whole word, and never inside a character', () => {
    expect(beginningOf('word '.repeat(2_000))).toMatch(/word$/);
    expect(beginningOf('🎉'.repeat(4_000))).toMatch(/^🎉+$/u);
  });
});
