/** Words and icons for files. */
import { describe, expect, it } from 'vitest';
import {
  bytesWords,
  durationWords,
  mediaIcon,
  speedWords,
  summaryWords,
  timeLeftWords,
} from '../../../renderer/app/media/media-words.ts';

const plain = (words: string): string => words.replaceAll('\u00A0', ' ');
const gb = 'en-GB';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1 kB'],
  [84_400, '84 kB'],
  [999_499, '999 kB'],
  [999_500, '1 MB'],
  [1_234_567, '1.2 MB'],
  [12_000_000, '12 MB'],
  [99_940_000, '99.9 MB'],
  [120_400_000, '120 MB'],
  [1_500_000_000, '1.5 GB'],
  [68_719_476_736, '68.7 GB'],
  [5e15, '5,000 TB'],
])('%i bytes are %s', (bytes, words) => {
  expect(plain(bytesWords(bytes, gb))).toBe(words);
});

it('sizes follow the locale and never break between number and unit', () => {
  expect(bytesWords(1_234_567, 'de')).toBe('1,2\u00A0MB');
  expect(plain(speedWords(3_400_000, gb))).toBe('3.4 MB/s');
});

it.each([
  [0, '0:00'],
  [600, '0:01'],
  [42_300, '0:42'],
  [59_600, '1:00'],
  [725_000, '12:05'],
  [3_723_000, '1:02:03'],
])('%i ms last %s', (ms, words) => {
  expect(durationWords(ms)).toBe(words);
});

it.each([
  [0, 'a few seconds left'],
  [4_900, 'a few seconds left'],
  [6_000, '10 s left'],
  [55_000, '55 s left'],
  [55_100, '1 min left'],
  [150_000, '3 min left'],
  [3_600_000, '1 h left'],
  [4_800_000, '1 h 20 min left'],
  [100_000_000, 'more than a day left'],
])('%i ms to go are told as "%s"', (ms, words) => {
  expect(plain(timeLeftWords(ms))).toBe(words);
});

describe('one line for files', () => {
  const summary = { count: 1, name: 'minutes.pdf', durationMs: null };
  it.each([
    [{ ...summary, kind: 'picture' as const }, 'Photo'],
    [{ ...summary, kind: 'picture' as const, count: 3 }, '3 photos'],
    [{ ...summary, kind: 'video' as const, durationMs: 42_000 }, 'Video 0:42'],
    [{ ...summary, kind: 'video' as const }, 'Video'],
    [{ ...summary, kind: 'voice' as const, durationMs: 42_000 }, 'Voice message 0:42'],
    [{ ...summary, kind: 'audio' as const, durationMs: 42_000 }, 'minutes.pdf'],
    [{ ...summary, kind: 'file' as const }, 'minutes.pdf'],
    [{ ...summary, kind: 'file' as const, count: 4 }, '4 files'],
  ])('%j is "%s"', (one, words) => {
    expect(summaryWords(one)).toBe(words);
  });
});

describe('icons', () => {
  const file = (name: string, type = ''): unknown => mediaIcon('file', type, name);
  it('the ending of a name counts more than the type that the sender claims', () => {
    expect(file('holiday.EXE', 'image/jpeg')).toBe(file('setup.msi'));
    expect(file('drawing.svg')).not.toBe(file('setup.msi'));
    expect(file('a.tar.gz')).toBe(file('b.zip'));
  });

  it('without a known ending the type decides, and the plain file is left for the rest', () => {
    expect(file('scan', 'image/tiff')).toBe(file('drawing.svg'));
    expect(file('LICENSE', 'application/x-unheard-of')).toBe(file('data.xyz'));
    expect(file('LICENSE')).not.toBe(file('scan', 'image/tiff'));
  });

  it('a kind has its own icon whatever the name says', () => {
    expect(mediaIcon('voice', 'audio/webm', 'voice.zip')).toBe(mediaIcon('voice', '', ''));
    expect(mediaIcon('picture', '', '')).not.toBe(mediaIcon('video', '', ''));
  });
});
