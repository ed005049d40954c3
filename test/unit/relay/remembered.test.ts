/** What the cache is made of: bounded, and stale by the order of events rather than by clocks. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Remembered } from '../../../signaling-server/adapters/cache/remembered.ts';
import { Staleness } from '../../../signaling-server/adapters/cache/staleness.ts';

interface Thing {
  readonly owner: string;
  readonly text: string;
}

function cache(size = 100) {
  const staleness = new Staleness();
  const times = { now: 1_000 };
  const things = new Remembered<Thing>({
    size,
    lifeMs: 10,
    lifeAwayMs: 50,
    clock: () => times.now,
    staleness,
    nameOf: ({ owner }) => owner,
  });
  return { staleness, things, times };
}

afterEach(() => void vi.useRealTimers());

describe('what is remembered', () => {
  it('is forgotten once it will not do even while the store is away, also where nobody asks any more', () => {
    vi.useFakeTimers();
    const { things } = cache();
    const [early, late] = ['early', 'late'];
    things.keep(early, { owner: 'anna', text: 'early' }, 0);
    vi.advanceTimersByTime(50);
    things.keep(late, { owner: 'anna', text: 'late' }, 0);
    vi.advanceTimersByTime(50);
    // By the cache's own clock no time has passed: what is there would do.
    expect([things.find(early), things.find(late)?.text]).toEqual([undefined, 'late']);
    things.close();
  });

  it('is bounded: what was not asked for lately is read again', async () => {
    const { things } = cache(10);
    let reads = 0;
    const get = (key: string) =>
      things.get(key, async () => {
        reads++;
        return { owner: key, text: key };
      });
    for (let index = 0; index < 30; index++) await get(`key ${index}`);
    await get('key 29');
    expect(reads).toBe(30);
    await get('key 0');
    expect(reads).toBe(31);
  });

  it('says how much the store was spared', async () => {
    const { things } = cache();
    expect(things.hitRate).toBe(0);
    for (let count = 0; count < 4; count++) await things.get('key', async () => ({ owner: 'anna', text: 'one' }));
    expect(things.hitRate).toBe(0.75);
  });
});

describe('what was dropped', () => {
  it('is not remembered by a read that began before, however late it ends', async () => {
    const { things, staleness } = cache();
    let end = (_: Thing): void => {};
    const under = things.get('key', () => new Promise((resolve) => (end = resolve)));
    staleness.drop('anna');
    end({ owner: 'anna', text: 'old' });
    expect(await under).toMatchObject({ text: 'old' });
    expect(await things.get('key', async () => ({ owner: 'anna', text: 'new' }))).toMatchObject({ text: 'new' });
    expect(things.find('key')).toMatchObject({ text: 'new' });
  });

  it('leaves what belongs to others alone, unless all is dropped or too much was', async () => {
    const { things, staleness } = cache();
    await things.get('hers', async () => ({ owner: 'anna', text: 'hers' }));
    staleness.drop('ben');
    expect(things.find('hers')).toBeDefined();
    staleness.dropAll();
    expect(things.find('hers')).toBeUndefined();
    await things.get('hers', async () => ({ owner: 'anna', text: 'hers' }));
    for (let index = 0; index < 10_001; index++) staleness.drop(`user ${index}`);
    expect(things.find('hers')).toBeUndefined();
  });
});
