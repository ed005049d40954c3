/** Which source fetches which chunk: never two the same, none forgotten, whoever fails. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ChunkRun } from '../../../main/engine/blobs/blob-vault.ts';
import { createChunkPlan, type ChunkPlan } from '../../../main/engine/transfers/chunk-plan.ts';

/** What is here of a blob, as the vault tells it. */
class HeldChunks {
  readonly held = new Set<number>();
  readonly chunks: number;

  constructor(chunks: number) {
    this.chunks = chunks;
  }

  holds(index: number): boolean {
    return this.held.has(index);
  }

  missing(from: number, limit: number): ChunkRun | null {
    const order = Array.from({ length: this.chunks }, (_, at) => (from + at) % this.chunks);
    const first = order.find((index) => !this.held.has(index));
    if (first === undefined) return null;
    let to = first + 1;
    while (to < this.chunks && to - first < limit && !this.held.has(to)) to++;
    return { from: first, to };
  }
}

type Step =
  | { readonly act: 'take'; readonly source: number; readonly limit: number }
  | { readonly act: 'answer'; readonly source: number; readonly good: boolean }
  | { readonly act: 'leave'; readonly source: number }
  | { readonly act: 'hurry'; readonly from: number; readonly length: number }
  | { readonly act: 'lose'; readonly index: number };

const sources = 3;
const source = fc.nat({ max: sources - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ act: fc.constant('take' as const), source, limit: fc.integer({ min: 1, max: 90 }) }),
  },
  { weight: 5, arbitrary: fc.record({ act: fc.constant('answer' as const), source, good: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('leave' as const), source }) },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('hurry' as const),
      from: fc.nat({ max: 199 }),
      length: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('lose' as const), index: fc.nat({ max: 199 }) }) },
);

/** Runs in order without touching, within the blob. */
const heldRuns = fc
  .uniqueArray(fc.nat({ max: 200 }), { minLength: 2, maxLength: 12 })
  .map((ends) => [...ends].sort((one, other) => one - other))
  .map((ends) =>
    Array.from({ length: Math.floor(ends.length / 2) }, (_, at) => ({
      from: ends[2 * at] ?? 0,
      to: ends[2 * at + 1] ?? 0,
    })),
  );

class Fetching {
  readonly blob: HeldChunks;
  readonly plan: ChunkPlan<number>;
  readonly underWay = new Map<number, number>();

  constructor(chunks: number) {
    this.blob = new HeldChunks(chunks);
    this.plan = createChunkPlan<number>(this.blob);
  }

  /** Checks everything that a source is given. */
  take(by: number, held: readonly ChunkRun[], limit: number): ChunkRun | null {
    const run = this.plan.take(by, held, limit);
    if (!run) return null;
    expect(run.to - run.from).toBeGreaterThan(0);
    expect(run.to - run.from).toBeLessThanOrEqual(limit);
    for (let index = run.from; index < run.to; index++) {
      expect(this.blob.holds(index)).toBe(false);
      expect(this.underWay.has(index)).toBe(false);
      expect(held.some(({ from, to }) => index >= from && index < to)).toBe(true);
      this.underWay.set(index, by);
    }
    return run;
  }

  ofSource(by: number): number[] {
    return [...this.underWay].filter(([, owner]) => owner === by).map(([index]) => index);
  }

  answer(by: number, good: boolean): void {
    const [index] = this.ofSource(by);
    if (index === undefined) return;
    if (good) this.blob.held.add(index);
    this.underWay.delete(index);
    this.plan.settle(index);
  }

  leave(by: number): void {
    const given = this.ofSource(by);
    for (const index of given) this.underWay.delete(index);
    expect(this.plan.giveBack(by)).toBe(given.length > 0);
  }
}

test('no chunk is asked of two sources at once, only what a source has, and in the end all are here', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.array(heldRuns, { minLength: sources, maxLength: sources }),
      fc.array(step, { maxLength: 120 }),
      (chunks, runs, steps) => {
        const fetching = new Fetching(chunks);
        const heldBy = (by: number) =>
          (runs[by] ?? [])
            .map(({ from, to }) => ({ from, to: Math.min(to, chunks) }))
            .filter(({ from, to }) => from < to);
        for (const each of steps) {
          if (each.act === 'take') fetching.take(each.source, heldBy(each.source), each.limit);
          else if (each.act === 'answer') fetching.answer(each.source, each.good);
          else if (each.act === 'leave') fetching.leave(each.source);
          else if (each.act === 'hurry')
            fetching.plan.hurry({ from: each.from, to: Math.min(chunks, each.from + each.length) });
          else fetching.blob.held.delete(each.index);
        }
        // Whatever happened: with one source that has everything it ends, in as many steps as there are chunks.
        for (let by = 0; by < sources; by++) fetching.leave(by);
        const everything = [{ from: 0, to: chunks }];
        const missing = chunks - fetching.blob.held.size;
        let taken = 0;
        for (let run = fetching.take(9, everything, 7); run; run = fetching.take(9, everything, 7)) {
          taken += run.to - run.from;
          while (fetching.ofSource(9).length > 0) fetching.answer(9, true);
        }
        expect(taken).toBe(missing);
        expect(fetching.blob.held.size).toBe(chunks);
      },
    ),
    { numRuns: 400 },
  );
});

test('what is in a hurry is given out first, from where it begins, and the rest in order after it', () => {
  const fetching = new Fetching(100);
  const everything = [{ from: 0, to: 100 }];
  expect(fetching.take(0, everything, 4)).toEqual({ from: 0, to: 4 });
  fetching.plan.hurry({ from: 50, to: 56 });
  expect(fetching.plan.firstHurried()).toBe(50);
  expect(fetching.take(1, everything, 4)).toEqual({ from: 50, to: 54 });
  expect(fetching.take(0, everything, 4)).toEqual({ from: 54, to: 56 });
  expect(fetching.plan.firstHurried()).toBeNull();
  expect(fetching.take(0, everything, 4)).toEqual({ from: 4, to: 8 });
});

test('a chunk that is lost again is given out again', () => {
  const fetching = new Fetching(3);
  const everything = [{ from: 0, to: 3 }];
  fetching.take(0, everything, 3);
  for (let count = 0; count < 3; count++) fetching.answer(0, true);
  expect(fetching.take(0, everything, 3)).toBeNull();
  fetching.blob.held.delete(0);
  expect(fetching.take(0, everything, 3)).toEqual({ from: 0, to: 1 });
});
