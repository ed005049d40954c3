/** Lets a command do an admin's acts: through the relay when one is running on the data, else on the data itself. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAdminActs } from '../admin/admin-acts.ts';
import { connectAdmin } from '../admin/admin-client.ts';
import type { AdminActs } from '../admin/admin-contract.ts';
import { adminSocketPath } from '../admin/admin-path.ts';
import { openSqliteStore, type SqliteStore } from '../adapters/sqlite/sqlite-store.ts';
import type { Config } from '../config/settings-table.ts';
import { version } from '../config/version.ts';
import { createPasswordHasher } from '../http/passwords.ts';
import { createPinoLog } from '../observe/pino-log.ts';
import { silentMetrics } from '../observe/silent-metrics.ts';
import { ParleyError } from '../../protocol/index.ts';

/** A relay that is just starting holds the data before its socket is there. */
const patience = { tries: 20, everyMs: 100 };

export async function withAdmin<T>(config: Config, use: (acts: AdminActs) => Promise<T>): Promise<T> {
  const path = adminSocketPath(config.data);
  for (let left = patience.tries; ; left--) {
    const running = path === null ? null : await connectAdmin(path);
    if (running) return use(running);
    const store = await openOwnStore(config, left > 0 && path !== null);
    if (store) return useStore(store, use);
    await sleep(patience.everyMs);
  }
}

/** @returns null when a relay holds the data and `mayWait`. */
async function openOwnStore(config: Config, mayWait: boolean): Promise<SqliteStore | null> {
  if (!existsSync(join(config.data, 'relay.db'))) {
    throw new ParleyError('not_found', {
      message: `There is no relay's data in ${config.data}. Name its folder with --data, or run \`parley-relay serve\` there once.`,
    });
  }
  try {
    const log = createPinoLog({ level: 'silent', format: 'json' });
    return await openSqliteStore({ dataDir: config.data, clock: Date.now, log, metrics: silentMetrics });
  } catch (error) {
    if (!(error instanceof ParleyError) || error.code !== 'storage_busy') throw error;
    if (mayWait) return null;
    throw new ParleyError('storage_busy', {
      message: `A relay is running on ${config.data}, but it cannot be reached there. Run this as the relay's own user, or stop the relay first.`,
      cause: error,
    });
  }
}

async function useStore<T>(store: SqliteStore, use: (acts: AdminActs) => Promise<T>): Promise<T> {
  try {
    return await use(
      createAdminActs({
        store,
        passwords: createPasswordHasher({ maxWaiting: 1 }),
        now: Date.now,
        announceRevoked: () => {},
        status: () => ({ pid: process.pid, version, sockets: 0, url: '' }),
      }),
    );
  } finally {
    await store.close();
  }
}
