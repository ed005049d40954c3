/** A store keeps its contract when all but the newest messages are moved to segments as soon as they are there; and the move keeps its own. */
import type { Store } from '../../signaling-server/ports/store.ts';
import { openSqliteStore } from '../../signaling-server/adapters/sqlite/sqlite-store.ts';
import { silentMetrics } from '../../signaling-server/observe/silent-metrics.ts';
import { ColdStore } from '../support/cold-store.ts';
import { silentLog } from '../support/relay-core.ts';
import { runColdContract } from './cold-contract.ts';
import { runStoreContract } from './store-contract.ts';

runStoreContract('SQLite with cold history', async () => {
  const cold = await ColdStore.open();
  return {
    store: archivingAtOnce(cold),
    async reopen() {
      await cold.reopen();
      return archivingAtOnce(cold);
    },
    dispose: () => cold.dispose(),
  };
});

runColdContract('SQLite', (dataDir) =>
  openSqliteStore({ dataDir, clock: Date.now, log: silentLog, metrics: silentMetrics }),
);

function archivingAtOnce(cold: ColdStore): Store {
  const { store } = cold;
  return {
    ...store,
    log: {
      ...store.log,
      async append(messages, now) {
        const outcomes = await store.log.append(messages, now);
        await cold.archive();
        return outcomes;
      },
    },
  };
}
