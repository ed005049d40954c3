/** Starts relay nodes on PostgreSQL and NATS of their own, and reads what those cost. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { openPostgresStore } from '../../signaling-server/adapters/postgres/postgres-store.ts';
import { silentMetrics } from '../../signaling-server/observe/silent-metrics.ts';
import type { Store } from '../../signaling-server/ports/store.ts';
import { startNats, type NatsServer } from '../../test/support/nats-server.ts';
import { startPostgres, type PostgresServer } from '../../test/support/postgres-server.ts';
import { cpuSecondsOf } from './process.ts';
import { silent } from './seed.ts';
import { startParley, type RunningRelay } from './start.ts';

export interface Fleet {
  readonly nodes: readonly RunningRelay[];
  readonly addresses: readonly string[];
  /** CPU seconds of all nodes so far. */
  cpuSeconds(): number;
  /** What the database has done so far. */
  database(): Promise<DatabaseWork>;
  stop(): Promise<void>;
}

export interface DatabaseWork {
  readonly cpuSeconds: number;
  readonly rowsWritten: number;
  readonly walBytes: number;
  readonly transactions: number;
}

export interface Engines {
  readonly postgres: PostgresServer;
  readonly nats: NatsServer;
  readonly databaseUrl: string;
  stop(): Promise<void>;
}

/** A database as an admin would run it on such a machine: commits are on the disk before they are told. */
const settings = { shared_buffers: '1GB', max_wal_size: '4GB', wal_compression: 'off', max_connections: 100 };

export async function startEngines(): Promise<Engines> {
  const postgres = await startPostgres({ settings });
  const nats = await startNats();
  return {
    postgres,
    nats,
    databaseUrl: await postgres.createDatabase(),
    async stop() {
      await nats.stop();
      await postgres.stop();
    },
  };
}

export async function withFleetStore<T>({ databaseUrl }: Engines, fill: (store: Store) => Promise<T>): Promise<T> {
  const store = await openPostgresStore({ url: databaseUrl, clock: Date.now, log: silent, metrics: silentMetrics });
  try {
    return await fill(store);
  } finally {
    await store.close();
  }
}

/** @param dir where each node gets a folder. @param more flags of each node. */
export async function startFleet(
  dir: string,
  engines: Engines,
  nodes: number,
  more: readonly string[] = [],
): Promise<Fleet> {
  const args = [`--store=${engines.databaseUrl}`, `--bus=${engines.nats.url}`, ...more];
  const running: RunningRelay[] = [];
  for (let node = 0; node < nodes; node += 1) running.push(await startParley(join(dir, `node-${node}`), { args }));
  const watcher = new Client({ connectionString: engines.databaseUrl });
  await watcher.connect();
  return {
    nodes: running,
    addresses: running.map(({ address }) => address),
    cpuSeconds: () => running.reduce((sum, { process }) => sum + process.cpuSeconds(), 0),
    database: () => databaseWork(watcher),
    async stop() {
      await watcher.end();
      for (const { process } of running) await process.stop();
    },
  };
}

/** Counters that PostgreSQL keeps; they lag by up to a second. */
async function databaseWork(watcher: Client): Promise<DatabaseWork> {
  const { rows } = await watcher.query<{ pid: number; written: string; wal: string; transactions: string }>(
    `SELECT pg_backend_pid() AS pid, (tup_inserted + tup_updated + tup_deleted) AS written, xact_commit AS transactions,
       pg_current_wal_lsn() - '0/0'::pg_lsn AS wal
     FROM pg_stat_database WHERE datname = current_database()`,
  );
  const [row] = rows;
  if (!row) throw new Error('PostgreSQL keeps no statistics.');
  return {
    cpuSeconds: cpuOfServer(row.pid),
    rowsWritten: Number(row.written),
    walBytes: Number(row.wal),
    transactions: Number(row.transactions),
  };
}

/** Of the server's first process and all that it started, those that ended included. @param pid any one of them. */
function cpuOfServer(pid: number): number {
  const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + cpuSecondsOf(Number(child)), cpuSecondsOf(parent, 'with its dead'));
}
