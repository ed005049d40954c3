/** The embedded store keeps the contract. */
import { rmSync } from 'node:fs';
import { openSqliteStore } from '../../signaling-server/adapters/sqlite/sqlite-store.ts';
import { silentMetrics } from '../../signaling-server/observe/silent-metrics.ts';
import { silentLog, temporaryDirectory } from '../support/relay-core.ts';
import { openUnderTest, runStoreContract } from './store-contract.ts';

runStoreContract('SQLite', async () => {
  const dataDir = temporaryDirectory();
  const open = () => openSqliteStore({ dataDir, clock: Date.now, log: silentLog, metrics: silentMetrics });
  return openUnderTest(open, () => rmSync(dataDir, { recursive: true, force: true }));
});
