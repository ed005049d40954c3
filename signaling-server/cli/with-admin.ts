/** Lets a command do an admin's acts: through the relay when one is running on the data, else on the data itself. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAdminActs } from '../admin/admin-acts.ts';
import { connectAdmin } from '../admin/admin-client.ts';
import type { AdminActs } from '../admin/admin-contract.ts';
import { adminSocketPath } from '../admin/admin-path.ts';
import type { Config } from '../config/settings-table.ts';
import { version } from '../config/version.ts';
import { openBus } from '../engines/open-bus.ts';
import { openStore, type OpenedStore } from '../engines/open-store.ts';
import { createPasswordHasher } from '../http/passwords.ts';
import { createPinoLog } from '../observe/pino-log.ts';
import { silentMetrics } from '../observe/silent-metrics.ts';
import { announceRevoked } from '../relay/announce.ts';
import { ParleyError } from '../../protocol/index.ts';

/** A relay that is just starting holds the data before its socket is there. */
const patience = { tries: 20, everyMs: 100 };

export async function withAdmin<T>(config: Config, use: (acts: AdminActs) => Promise<T>): Promise<T> {
  const path = adminSocketPath(config.data);
  for (let left = patience.tries; ; left--) {
    const running = path === null ? null : await connectAdmin(path);
    if (running) return use(running);
    const own = await openOwnStore(config, left > 0 && path !== null);
    if (own) return useStore(config, own, use);
    await sleep(patience.everyMs);
  }
}

/** @returns null when a relay holds the data and `mayWait`. */
async function openOwnStore(config: Config, mayWait: boolean): Promise<OpenedStore | null> {
  if (config.store === null && !existsSync(join(config.data, 'relay.db'))) {
    throw new ParleyError('not_found', {
      message: `There is no relay's data in ${config.data}. Name its folder with --data, or run \`parley-relay serve\` there once.`,
    });
  }
  try {
    return await openStore({ config, ...silent, isPassing: true });
  } catch (error) {
    if (!(error instanceof ParleyError) || error.code !== 'storage_busy') throw error;
    if (mayWait) return null;
    throw new ParleyError('storage_busy', {
      message: `A relay is running on ${config.data}, but it cannot be reached there. Run this as the relay's own user, or stop the relay first.`,
      cause: error,
    });
  }
}

const silent = {
  clock: Date.now,
  log: createPinoLog({ level: 'silent', format: 'json' }),
  metrics: silentMetrics,
};

const unheard =
  'parley-relay: None of the servers of --bus can be reached: nodes hear of this only when they next look into the database.';

/** Nodes of a fleet that run elsewhere hear of what is done by the bus. */
async function useStore<T>(
  config: Config,
  { store, embedded, close }: OpenedStore,
  use: (acts: AdminActs) => Promise<T>,
): Promise<T> {
  const bus = await openBus({ config, relayId: store.relayId, ...silent });
  if (!bus.connected) process.stderr.write(`${unheard}\n`);
  try {
    return await use(
      createAdminActs({
        store,
        backup: embedded && ((file) => embedded.backup(file)),
        passwords: createPasswordHasher({ maxWaiting: 1 }),
        now: Date.now,
        announceRevoked: (user, devices, how) => announceRevoked(bus, user, devices, how),
        status: () => ({ pid: process.pid, version, sockets: 0, url: '', readOnly: config.readOnly }),
      }),
    );
  } finally {
    await bus.close();
    await close();
  }
}
