/** How fast bytes move, over the last seconds. */
import type { Clock } from '../runtime/clock.ts';

export interface SpeedMeter {
  add(bytes: number): void;
  /** Null when nothing moved lately. */
  bytesPerSecond(): number | null;
}

const spanMs = 4_000;
const bucketMs = 250;
/** With less behind it a speed says nothing. */
const shortestMs = 500;

export function createSpeedMeter(clock: Clock): SpeedMeter {
  let buckets: { readonly at: number; bytes: number }[] = [];
  let since = 0;

  function forgetOld(now: number): void {
    buckets = buckets.filter((bucket) => now - bucket.at < spanMs);
  }

  return {
    add(bytes) {
      const now = clock.monotonic();
      forgetOld(now);
      if (buckets.length === 0) since = now;
      const last = buckets.at(-1);
      if (last && now - last.at < bucketMs) last.bytes += bytes;
      else buckets.push({ at: now, bytes });
    },
    bytesPerSecond() {
      const now = clock.monotonic();
      forgetOld(now);
      if (buckets.length === 0) return null;
      const bytes = buckets.reduce((sum, bucket) => sum + bucket.bytes, 0);
      const span = Math.max(shortestMs, Math.min(spanMs, now - since));
      return (bytes / span) * 1_000;
    },
  };
}
