/** Runs work soon after it is asked for, and at most once an interval however often that is. */
import type { Clock } from './clock.ts';

export interface Throttle {
  trigger(): void;
  /** Runs now what is due. */
  flush(): void;
  /** Forgets what is due. */
  cancel(): void;
}

/** The first request runs in the next turn of the event loop, further ones wait for the interval to pass. */
export function createThrottle(clock: Clock, intervalMs: number, run: () => void): Throttle {
  let cancelTimer: (() => void) | null = null;
  let lastRun = Number.NEGATIVE_INFINITY;

  function fire(): void {
    cancelTimer = null;
    lastRun = clock.monotonic();
    run();
  }

  return {
    trigger() {
      if (cancelTimer) return;
      const wait = Math.max(0, lastRun + intervalMs - clock.monotonic());
      cancelTimer = clock.after(wait, fire);
    },
    flush() {
      if (!cancelTimer) return;
      cancelTimer();
      fire();
    },
    cancel() {
      cancelTimer?.();
      cancelTimer = null;
    },
  };
}
