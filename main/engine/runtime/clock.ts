/** Time as the engine sees it: the wall clock for labels, a monotonic one for measuring, and timers. */
import { performance } from 'node:perf_hooks';

export interface Clock {
  /** Milliseconds since 1970 by this machine, which may be wrong by days or jump. */
  now(): number;
  /** Milliseconds since some fixed moment; never jumps. */
  monotonic(): number;
  /** Runs once after `ms`, or after some weeks where that is less. @returns cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** Node runs timers beyond this at once. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, longestTimerMs));
    return () => clearTimeout(timer);
  },
};

/** The same clock for work that reads or writes the store: what it throws in a timer is a fault, not the process's end. */
export function guardTimers(clock: Clock, onFault: (error: unknown) => void): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (ms, run) =>
      clock.after(ms, () => {
        try {
          run();
        } catch (error) {
          onFault(error);
        }
      }),
  };
}
