/** Many latencies in little memory: buckets that grow by 2 %. */

export interface Histogram {
  /** @param seconds 0 and more. */
  add(seconds: number, times?: number): void;
  /** @param part from 0 to 1. @returns the upper edge of the bucket that holds it; NaN when there is nothing. */
  percentile(part: number): number;
  merge(other: Histogram): void;
  readonly counts: readonly number[];
  readonly count: number;
}

/** Smallest latency that is told apart, in seconds, and the ratio from bucket to bucket. */
const smallest = 1e-5;
const growth = 1.02;
const buckets = 960;
const perBucket = Math.log(growth);

export function createHistogram(): Histogram {
  const counts = new Array<number>(buckets).fill(0);
  let count = 0;

  function placeOf(seconds: number): number {
    if (seconds <= smallest) return 0;
    return Math.min(buckets - 1, Math.ceil(Math.log(seconds / smallest) / perBucket));
  }

  return {
    add(seconds, times = 1) {
      const place = placeOf(seconds);
      counts[place] = (counts[place] ?? 0) + times;
      count += times;
    },
    percentile(part) {
      if (count === 0) return Number.NaN;
      const rank = Math.max(1, Math.ceil(part * count));
      let seen = 0;
      const place = counts.findIndex((each) => (seen += each) >= rank);
      return smallest * growth ** place;
    },
    merge(other) {
      other.counts.forEach((each, place) => (counts[place] = (counts[place] ?? 0) + each));
      count += other.count;
    },
    get counts() {
      return counts;
    },
    get count() {
      return count;
    },
  };
}
