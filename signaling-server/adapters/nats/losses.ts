/** Tells those who rely on notes that some may have been lost, and since when. */
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';

interface LossesDeps {
  readonly clock: Clock;
  /** Milliseconds that only ever grow; `since` is given by it. */
  readonly elapsed: () => number;
  readonly log: Log;
  /** Several losses within that time are one, told at its end. */
  readonly settleMs: number;
  /** What to take off, so that nothing is missed. */
  marginMs(): number;
}

export function createLosses({ clock, elapsed, log, settleMs, marginMs }: LossesDeps) {
  const listeners = new Set<(since: number) => void>();
  const reasons = new Set<string>();
  let earliest = Infinity;
  let timer: NodeJS.Timeout | null = null;
  let told = 0;

  function tell(): void {
    const since = Math.max(0, clock() - (elapsed() - earliest) - marginMs());
    log.info('bus.notes_lost', { why: [...reasons].join(', '), since: new Date(since).toISOString() });
    timer = null;
    earliest = Infinity;
    reasons.clear();
    told++;
    for (const listener of listeners) {
      try {
        listener(since);
      } catch (error) {
        log.error('bus.listener_failed', { error });
      }
    }
  }

  return {
    /** How often listeners were told. */
    get told(): number {
      return told;
    },
    /** @param since by `elapsed`. */
    add(since: number, why: string): void {
      earliest = Math.min(earliest, since);
      reasons.add(why);
      timer ??= setTimeout(tell, settleMs);
    },
    onLoss(listener: (since: number) => void): () => void {
      const own = (since: number): void => listener(since);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    close(): void {
      if (timer) clearTimeout(timer);
      listeners.clear();
    },
  };
}
