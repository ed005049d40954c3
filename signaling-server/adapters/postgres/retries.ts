/** Asks the database again where that helps, a bounded number of times, with random pauses so that askers come apart. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../ports/log.ts';
import { faultKind, NoConnection, toStoreError, type FaultKind } from './database-errors.ts';

export interface Task<T> {
  /** Of the act, for the log. */
  readonly name: string;
  /** Whether doing it twice is as good as once: then it is done again when nobody knows whether it was done. */
  readonly repeatable: boolean;
  /** @param doubtful an earlier try may have been carried out. */
  work(doubtful: boolean): Promise<T>;
}

export interface Retries {
  /** @throws what the port promises (`toStoreError`); broken rules (SQLSTATE 23…) as they are. */
  run<T>(task: Task<T>): Promise<T>;
  /** Tries beyond the first, so far. */
  readonly count: number;
}

/** How often a task is tried in all, and the greatest pause before the next try (the first one is a tenth of it). */
const limits: Record<FaultKind, { readonly tries: number; readonly pauseMs: number }> = {
  conflict: { tries: 30, pauseMs: 100 },
  unsent: { tries: 4, pauseMs: 200 },
  lost: { tries: 4, pauseMs: 200 },
  slow: { tries: 1, pauseMs: 0 },
  other: { tries: 1, pauseMs: 0 },
};

/** Failures that are logged at most: while the database is away, every act fails. */
const failuresLoggedEveryMs = 5_000;

export function createRetries(log: Log, slowMs: number): Retries {
  let count = 0;
  let lastLogged = -Infinity;
  let failures = 0;

  /** Broken rules are answers, not failures. */
  function noteFailure(act: string, fault: FaultKind, cause: unknown): void {
    failures++;
    if (performance.now() - lastLogged < failuresLoggedEveryMs) return;
    lastLogged = performance.now();
    log.warn('database.failed', { act, fault, failures, error: cause instanceof NoConnection ? cause.cause : cause });
    failures = 0;
  }

  async function run<T>({ name, repeatable, work }: Task<T>): Promise<T> {
    let doubtful = false;
    for (let tried = 1; ; tried++) {
      try {
        return await work(doubtful);
      } catch (cause) {
        const kind = faultKind(cause);
        const { tries, pauseMs } = limits[kind];
        if (tried >= tries || (kind === 'lost' && !repeatable)) {
          if (kind !== 'other') noteFailure(name, kind, cause);
          throw toStoreError(cause);
        }
        doubtful ||= kind === 'lost';
        count++;
        log.debug('database.retried', { act: name, fault: kind, tried });
        await sleep(Math.random() * pauseMs * Math.min(1, tried / 10));
      }
    }
  }

  return {
    async run(task) {
      const since = performance.now();
      try {
        return await run(task);
      } finally {
        const ms = Math.round(performance.now() - since);
        if (ms > slowMs) log.warn('database.slow', { act: task.name, ms });
      }
    },
    get count() {
      return count;
    },
  };
}
