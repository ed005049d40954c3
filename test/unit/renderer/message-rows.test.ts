/** Rows: days, the "New" line, who stands together. */
import { describe, expect, it } from 'vitest';
import { messageRows } from '../../../renderer/app/chat/message-rows.ts';
import { lastSeen, slippedFromEnd } from '../../../renderer/app/chat/scroll-place.ts';
import { brand, message } from './made-up.ts';

const noon = new Date(2025, 2, 4, 12).getTime();
const minute = 60_000;
const other = { id: brand<never>('ben'), username: 'ben', displayName: 'Ben' };

function grouped(...ages: { at: number; sender?: typeof other }[]): string {
  const all = ages.map(({ at, sender }, index) =>
    message(index + 1, { time: noon + at, ...(sender ? { sender } : {}) }),
  );
  return messageRows(all, { firstUnread: null, hasOlder: false })
    .map(({ startsGroup, endsGroup }) => `${startsGroup ? '[' : ''}m${endsGroup ? ']' : ''}`)
    .join('');
}

describe('the rows of a conversation', () => {
  it('stand together for five minutes between one and the next', () => {
    expect(grouped({ at: 0 }, { at: 5 * minute }, { at: 10 * minute })).toBe('[mmm]');
    expect(grouped({ at: 0 }, { at: 5 * minute + 1 })).toBe('[m][m]');
  });

  it('part where somebody else speaks', () => {
    expect(grouped({ at: 0 }, { at: 1, sender: other }, { at: 2 })).toBe('[m][m][m]');
  });

  it('part at midnight, where the day stands', () => {
    const late = new Date(2025, 2, 4, 23, 59).getTime();
    const rows = messageRows([message(1, { time: late }), message(2, { time: late + 2 * minute })], {
      firstUnread: null,
      hasOlder: false,
    });
    expect(rows.map(({ startsDay }) => startsDay)).toEqual([true, true]);
    expect(rows.map(({ endsGroup }) => endsGroup)).toEqual([true, true]);
  });

  it('do not name the day of the first one while older ones are to come', () => {
    const rows = messageRows([message(1)], { firstUnread: null, hasOlder: true });
    expect(rows[0]?.startsDay).toBe(false);
  });

  it('part at the "New" line', () => {
    const rows = messageRows([message(1), message(2), message(3)], { firstUnread: brand('m2'), hasOlder: false });
    expect(rows.map(({ startsUnread }) => startsUnread)).toEqual([false, true, false]);
    expect(rows[1]?.startsGroup).toBe(true);
  });
});

describe('what has been seen', () => {
  const rows = messageRows([message(1), message(2), message(3, { seq: null }), message(4)], {
    firstUnread: null,
    hasOlder: false,
  });
  /** Rows of 100 px, seen through a window of the given place and size. */
  const seen = (top: number, size: number, height = 100): number =>
    lastSeen(rows, {
      findItemIndex: (offset) => Math.max(0, Math.min(rows.length - 1, Math.floor(offset / height))),
      getItemOffset: (index) => index * height,
      getItemSize: () => height,
      getScrollOffset: () => top,
      getViewportSize: () => size,
    });

  it('is the last message whose end is on screen', () => {
    expect(seen(0, 190)).toBe(1);
    expect(seen(0, 200)).toBe(2);
    expect(seen(0, 900)).toBe(4);
  });

  it('takes in a message that fills the screen', () => {
    expect(seen(150, 500, 1_000)).toBe(1);
    expect(seen(1_100, 500, 1_000)).toBe(2);
  });

  it('passes over those that still wait and have no seq', () => {
    expect(seen(0, 301)).toBe(2);
  });

  it('is nothing while nothing was seen to its end', () => {
    expect(seen(-1, 50)).toBe(0);
  });
});

describe('a list that follows its end', () => {
  const before = { offset: 1_000, size: 1_600, width: 700, height: 600 };
  it.each([
    ['goes along with a message that grew', { size: 1_900 }, true],
    ['goes along with one that grew by little', { size: 1_640 }, true],
    ['goes along when the browser moved it in a window that changed', { offset: 900, size: 1_540, width: 1_400 }, true],
    ['goes along when the banner takes its room', { height: 560 }, true],
    ['lets go of whoever scrolls up', { offset: 900 }, false],
    ['lets go of whoever scrolls up past a message that grows', { offset: 900, size: 1_900 }, false],
    ['leaves whoever stands a little above the end', { offset: 970, size: 1_600 }, false],
    ['rests at the end', {}, false],
  ])('%s', (_title, changes, slipped) => {
    expect(slippedFromEnd(before, { ...before, ...changes })).toBe(slipped);
  });

  it('is not pulled away from the place it is on its way to', () => {
    expect(slippedFromEnd(null, { ...before, offset: 100 })).toBe(false);
  });
});
