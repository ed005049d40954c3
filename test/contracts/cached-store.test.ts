/** A store behind the cache keeps the contract: what is remembered is never what a caller of one node could tell from the truth. */
import { rmSync } from 'node:fs';
import { createCachedStore } from '../../signaling-server/adapters/cache/cached-store.ts';
import { createMemoryBus } from '../../signaling-server/adapters/memory/memory-bus.ts';
import { openSqliteStore } from '../../signaling-server/adapters/sqlite/sqlite-store.ts';
import { silentMetrics } from '../../signaling-server/observe/silent-metrics.ts';
import { silentLog, temporaryDirectory } from '../support/relay-core.ts';
import { openUnderTest, runStoreContract } from './store-contract.ts';

runStoreContract('SQLite behind the cache', async () => {
  const dataDir = temporaryDirectory();
  const deps = { clock: Date.now, log: silentLog, metrics: silentMetrics };
  const open = async () => {
    return createCachedStore(await openSqliteStore({ dataDir, ...deps }), {
      ...deps,
      bus: createMemoryBus(),
      lifeMs: 60_000,
    });
  };
  return openUnderTest(open, () => rmSync(dataDir, { recursive: true, force: true }));
});
