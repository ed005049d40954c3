/** Gives fetches their turns: each device may have so many bytes of history a second, so that nobody has them at others' cost. */
import type { FetchFrame, Feed } from './feed.ts';
import type { OpenSession } from './session.ts';
import { TokenBucket } from './token-bucket.ts';

/** Far above what scrolling and filling holes take; what a device was away for comes without asking. */
const bytesPerSecond = 2 * 1024 * 1024;
const burstBytes = 2 * 1024 * 1024;
/** An answer without messages is work too. */
const leastBytes = 4_096;

export interface FetchTurns {
  /** Answers the session's first fetch, or lets its fetches rest; then the session is woken after it. */
  serve(session: OpenSession, feed: Feed): Promise<void>;
}

interface FetchTurnDeps {
  /** @returns how many bytes of messages it gave. */
  readonly answer: (session: OpenSession, frame: FetchFrame) => Promise<number>;
  readonly wake: (session: OpenSession) => void;
  /** Milliseconds. */
  readonly uptime: () => number;
}

export function createFetchTurns({ answer, wake, uptime }: FetchTurnDeps): FetchTurns {
  // Few devices ever ask, so this is no field of every session; it outlives their feeds.
  const budgets = new WeakMap<OpenSession, TokenBucket>();

  function budgetOf(session: OpenSession): TokenBucket {
    const known = budgets.get(session);
    if (known) return known;
    const budget = new TokenBucket(burstBytes, uptime());
    budgets.set(session, budget);
    return budget;
  }

  return {
    async serve(session, feed) {
      const budget = budgetOf(session);
      const restMs = budget.take(uptime(), bytesPerSecond, burstBytes);
      if (restMs > 0) {
        feed.fetchesRest = true;
        setTimeout(() => {
          feed.fetchesRest = false;
          wake(session);
        }, restMs).unref();
        return;
      }
      const frame = feed.fetches.shift();
      if (frame) budget.spend(Math.max(leastBytes, await answer(session, frame)));
    },
  };
}
