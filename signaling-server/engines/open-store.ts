/** Opens the store that the settings name: SQLite in the data folder, or PostgreSQL, for which it waits. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createReadOnlyStore } from '../adapters/read-only/read-only-store.ts';
import { holdFolder } from '../adapters/sqlite/data-directory.ts';
import { openSqliteStore, type SqliteStore } from '../adapters/sqlite/sqlite-store.ts';
import { describeEngineUrl } from '../config/engine-url.ts';
import type { Config } from '../config/settings-table.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { RelayMetrics } from '../ports/metrics.ts';
import type { Store } from '../ports/store.ts';
import { isAway } from '../runtime/is-away.ts';
import { ParleyError } from '../../protocol/index.ts';

export interface OpenedStore {
  readonly store: Store;
  /** The same store with what only an embedded one can do; null when it is PostgreSQL. */
  readonly embedded: SqliteStore | null;
  close(): Promise<void>;
}

export interface StoreParts {
  readonly config: Pick<Config, 'data' | 'store' | 'storePool' | 'storeTimeoutMs' | 'readOnly'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: RelayMetrics;
  /** For a command that only passes by: the data folder need not be there when the database is elsewhere. */
  readonly isPassing?: boolean;
}

const noFolder = { release(): void {} };

/** @throws ParleyError: for PostgreSQL `unavailable` when it cannot be reached now, and others when waiting is of no use. */
export async function openStore(parts: StoreParts): Promise<OpenedStore> {
  const { config, clock, log, metrics } = parts;
  if (config.store !== null) return openShared(parts, config.store);
  const embedded = await openSqliteStore({ dataDir: config.data, clock, log, metrics });
  return { store: config.readOnly ? createReadOnlyStore(embedded) : embedded, embedded, close: () => embedded.close() };
}

/** By these names the database shows who is connected; `doctor` and `migrate` look for them. */
export const applicationNames = { serving: 'parley-relay', readOnly: 'parley-relay-read-only' } as const;

/** The data folder is held all the same: the admin's socket lies there. */
async function openShared({ config, clock, log, metrics, isPassing }: StoreParts, url: string): Promise<OpenedStore> {
  const { openPostgresStore } = await import('../adapters/postgres/postgres-store.ts');
  const folder = isPassing === true ? noFolder : holdFolder(config.data);
  try {
    const store = await openPostgresStore({
      url,
      clock,
      log,
      metrics,
      poolSize: config.storePool,
      statementTimeoutMs: config.storeTimeoutMs,
      applicationName: config.readOnly ? applicationNames.readOnly : applicationNames.serving,
    });
    const close = async (): Promise<void> => {
      await store.close();
      folder.release();
    };
    return { store: config.readOnly ? createReadOnlyStore(store) : store, embedded: null, close };
  } catch (error) {
    folder.release();
    throw error;
  }
}

const pauses = { firstMs: 200, mostMs: 5_000 };

/**
 * As `openStore`, but waits for a database that is not there yet, for as long as it takes.
 * @param signal ends the waiting with `going_away`.
 */
export async function awaitStore(parts: StoreParts, signal: AbortSignal): Promise<OpenedStore> {
  for (let pauseMs = pauses.firstMs; ; pauseMs = Math.min(pauseMs * 2, pauses.mostMs)) {
    try {
      return await openStore(parts);
    } catch (error) {
      if (!isAway(error) || parts.config.store === null) throw error;
      const engine = describeEngineUrl(parts.config.store);
      parts.log.warn('relay.waiting', { for: 'the database', engine, error });
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => {
      throw new ParleyError('going_away', { message: 'The relay was stopped while it waited for its database.' });
    });
  }
}
