/** How long to wait before the next try: exponential with full jitter. */
export interface Backoff {
  /** The wait before the next try, longer each time. */
  next(): number;
  reset(): void;
}

/** The first wait and the longest, at most. */
export interface BackoffSpan {
  readonly firstMs: number;
  readonly longestMs: number;
}

const firstMs = 500;
const longestMs = 30_000;
const shortestAskedMs = 100;
const longestAskedMs = 600_000;

/** What a relay asks to wait, as far as it makes sense: none is hammered, and none sends a device away for years. */
export function waitWithinReason(askedMs: number): number {
  return Math.min(longestAskedMs, Math.max(shortestAskedMs, askedMs));
}

/**
 * Full jitter spreads the devices of a relay that comes back (AWS Architecture Blog, "Exponential Backoff And Jitter").
 * A floor keeps a lucky draw from hammering.
 */
export function createBackoff(random: () => number, span: BackoffSpan = { firstMs, longestMs }): Backoff {
  let tries = 0;
  return {
    next() {
      const ceiling = Math.min(span.longestMs, span.firstMs * 2 ** tries);
      tries = Math.min(tries + 1, 16);
      return Math.max(span.firstMs / 5, random() * ceiling);
    },
    reset() {
      tries = 0;
    },
  };
}
