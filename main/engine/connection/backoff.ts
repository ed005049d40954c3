/** How long to wait before the next try: exponential with full jitter. */
export interface Backoff {
  /** The wait before the next try, longer each time. */
  next(): number;
  reset(): void;
}

const firstMs = 500;
const longestMs = 30_000;

/**
 * Full jitter spreads the devices of a relay that comes back (AWS Architecture Blog, "Exponential Backoff And Jitter").
 * A floor keeps a lucky draw from hammering.
 */
export function createBackoff(random: () => number): Backoff {
  let tries = 0;
  return {
    next() {
      const ceiling = Math.min(longestMs, firstMs * 2 ** tries);
      tries = Math.min(tries + 1, 16);
      return Math.max(firstMs / 5, random() * ceiling);
    },
    reset() {
      tries = 0;
    },
  };
}
