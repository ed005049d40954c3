/** The store of a fleet keeps the contract, however strictly the database keeps transactions apart. */
import { afterAll, beforeAll } from 'vitest';
import { openPostgresStore, type PostgresStore } from '../../signaling-server/adapters/postgres/postgres-store.ts';
import { silentMetrics } from '../../signaling-server/observe/silent-metrics.ts';
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { silentLog } from '../support/relay-core.ts';
import { openUnderTest, runStoreContract } from './store-contract.ts';

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres({ fsync: false });
});
afterAll(() => server.stop());

const readCommitted = { name: 'PostgreSQL, read committed', isolation: 'read committed', acrossKeys: true };
const serializable = { name: 'PostgreSQL, serializable', isolation: 'serializable', acrossKeys: true };
const oneByOne = { name: 'PostgreSQL, key by key as for Citus', isolation: 'read committed', acrossKeys: false };

for (const { name, isolation, acrossKeys } of [readCommitted, serializable, oneByOne]) {
  let url: string | null = null;

  runStoreContract(name, async () => {
    if (url === null) url = await makeDatabase(isolation);
    else await emptyTables(url);
    return openUnderTest(openAt(url, acrossKeys));
  });
}

function openAt(url: string, writesAcrossKeys: boolean): () => Promise<PostgresStore> {
  const engine = { writesAcrossKeys };
  return () => openPostgresStore({ url, clock: Date.now, log: silentLog, metrics: silentMetrics, engine });
}

async function makeDatabase(isolation: string): Promise<string> {
  const url = await server.createDatabase();
  const name = new URL(url).pathname.slice(1);
  await server.run(`ALTER DATABASE ${name} SET default_transaction_isolation = '${isolation}'`);
  return url;
}

/** Much faster than another database for each test. */
async function emptyTables(url: string): Promise<void> {
  const tables = await server.run(
    `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'meta'`,
    url,
  );
  await server.run(tables.map(({ relname }) => `DELETE FROM ${String(relname)};`).join('\n'), url);
}
