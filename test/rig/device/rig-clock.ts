/** The system's clock, off by what the rig says. */
import { systemClock, type Clock } from '../../../main/engine/runtime/clock.ts';

export interface RigClock extends Clock {
  skew: number;
}

export function createRigClock(skew = 0): RigClock {
  return {
    skew,
    now() {
      return systemClock.now() + this.skew;
    },
    monotonic: () => systemClock.monotonic(),
    after: (ms, run) => systemClock.after(ms, run),
  };
}
