/** Chance that is the same for the same seed. */

/** Values from 0 up to 1 (mulberry32, by Tommy Ettinger: 32 bits of state, good enough for queues, not for secrets). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A pause of a Poisson process. @param mean of the pauses. */
export function exponential(random: () => number, mean: number): number {
  return -mean * Math.log(1 - random());
}

/** The standard normal distribution (Box and Muller, 1958). */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
