/** Time as the engine sees it: the wall clock for labels, a monotonic one for measuring, and timers. */
import { performance } from 'node:perf_hooks';

export interface Clock {
  /** Milliseconds since 1970 by this machine, which may be wrong by days or jump. */
  now(): number;
  /** Milliseconds since some fixed moment; never jumps. */
  monotonic(): number;
  /** Runs once after `ms`. @returns cancels it. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
