/** The move of old messages keeps its contract on the store of a fleet. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { openPostgresStore } from '../../signaling-server/adapters/postgres/postgres-store.ts';
import { silentMetrics } from '../../signaling-server/observe/silent-metrics.ts';
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { silentLog } from '../support/relay-core.ts';
import { runColdContract } from './cold-contract.ts';

let server: PostgresServer;
let url: string;

const open = () => openPostgresStore({ url, clock: Date.now, log: silentLog, metrics: silentMetrics });

beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  url = await server.createDatabase();
  await (await open()).close();
});
afterAll(() => server.stop());
beforeEach(async () => {
  for (const table of ['cold_segments', 'log', 'chain_checkpoints', 'conversations']) {
    await server.run(`DELETE FROM ${table}`, url);
  }
});

runColdContract('PostgreSQL', open);
