/** Knows how much of this process's time is left over by everything else, for work that can wait. */
import { performance as clock, type EventLoopUtilization } from 'node:perf_hooks';

export interface SpareTime {
  /** The work that can wait took so long. */
  worked(ms: number): void;
  /** Of lately: 1 when nothing else is done, 0 when the rest leaves no time at all. */
  share(): number;
}

/** Shorter spans say little about what comes next. */
const spanMs = 100;

/** @param read how long the event loop was busy and idle, since it began or since an earlier answer. */
export function createSpareTime(
  read: (since?: EventLoopUtilization) => EventLoopUtilization = (since) => clock.eventLoopUtilization(since),
): SpareTime {
  let since = read();
  let workedMs = 0;
  let share = 1;
  return {
    worked(ms) {
      workedMs += ms;
    },
    share() {
      const { active, idle } = read(since);
      const span = active + idle;
      if (span < spanMs) return share;
      share = 1 - Math.min(1, Math.max(0, active - workedMs) / span);
      since = read();
      workedMs = 0;
      return share;
    },
  };
}
