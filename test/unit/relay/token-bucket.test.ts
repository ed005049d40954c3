/** The limit on how often something may happen. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TokenBucket } from '../../../signaling-server/relay/token-bucket.ts';

it('lets a burst through, then a steady rate, and says when the next one may come', () => {
  const bucket = new TokenBucket(3, 0);
  expect([1, 2, 3].map(() => bucket.take(0, 10, 3))).toEqual([0, 0, 0]);
  expect(bucket.take(0, 10, 3)).toBe(100);
  expect(bucket.take(60, 10, 3)).toBe(40);
  expect(bucket.take(100, 10, 3)).toBe(0);
  expect(bucket.take(100, 10, 3)).toBeGreaterThan(0);
});

it('never lets more through than the burst and the rate allow, and always what they allow after the wait it names', () => {
  const steps = fc.array(fc.nat(400), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 20 }), (waits, perSecond, burst) => {
      const bucket = new TokenBucket(burst, 0);
      let now = 0;
      let passed = 0;
      for (const wait of waits) {
        now += wait;
        const retryAfterMs = bucket.take(now, perSecond, burst);
        if (retryAfterMs === 0) passed++;
        else {
          now += retryAfterMs;
          expect(bucket.take(now, perSecond, burst)).toBe(0);
          passed++;
        }
        expect(passed).toBeLessThanOrEqual(burst + (now * perSecond) / 1_000 + 1e-6);
      }
    }),
  );
});

it('gives nothing for a clock that was set back', () => {
  const bucket = new TokenBucket(1, 10_000);
  expect(bucket.take(10_000, 1, 1)).toBe(0);
  expect(bucket.take(0, 1, 1)).toBe(1_000);
  expect(bucket.take(500, 1, 1)).toBe(500);
});
