/** Decides when the database is looked through: at most once a day, and when little is written. */
import type { Clock } from '../../ports/clock.ts';
import type { IntegrityOutcome } from './integrity.ts';

const dayMs = 86_400_000;
const lookEveryMs = 60_000;
/** Rows written since the last look, a minute ago, up to which the relay counts as idle. */
const quietRows = 120;
/** Looks after which a relay that is never idle is checked all the same: a day of them. */
const mostBusyLooks = dayMs / lookEveryMs;

interface Deps {
  readonly clock: Clock;
  readonly last: () => IntegrityOutcome | null;
  readonly check: () => Promise<unknown>;
  /** Rows written so far. */
  readonly written: () => number;
}

/** @returns one look; to be called once a minute. */
export function createIdleCheck({ clock, last, check, written }: Deps): () => Promise<void> {
  let before = written();
  let busyLooks = 0;
  return async () => {
    const now = written();
    const isQuiet = now - before <= quietRows;
    before = now;
    const at = last()?.at;
    // Also for a clock that was set back since: the distance counts.
    if (at !== undefined && Math.abs(clock() - at) < dayMs) return;
    if (!isQuiet && ++busyLooks < mostBusyLooks) return;
    busyLooks = 0;
    await check();
  };
}

/** @returns ends it. */
export function startIdleCheck(look: () => Promise<void>): () => void {
  const timer = setInterval(() => void look(), lookEveryMs).unref();
  return () => clearInterval(timer);
}
