/** A streaming replica of a PostgreSQL for tests: it confirms each commit, and can take the place of the first. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  makeDataFolder,
  postgresProgram,
  servePostgres,
  type PostgresServer,
  type PostgresServerOptions,
} from './postgres-server.ts';

const run = promisify(execFile);
const deadlineMs = 30_000;

/** @param options those of the primary. @returns once no commit is confirmed before the replica has it on its disk. */
export async function startReplica(primary: PostgresServer, options: PostgresServerOptions): Promise<PostgresServer> {
  const place = makeDataFolder(options.base);
  const copy = ['-d', primary.url, '-D', place.data, '--write-recovery-conf', '--wal-method=stream'];
  await run(postgresProgram('pg_basebackup'), [...copy, '--checkpoint=fast', '--no-sync'], {
    ...place.account,
    cwd: place.folder,
  });
  const replica = await servePostgres(place, {
    ...options,
    settings: { ...options.settings, wal_retrieve_retry_interval: '200ms' },
  });
  await primary.run(`ALTER SYSTEM SET synchronous_standby_names = '*'`);
  await primary.run('SELECT pg_reload_conf()');
  await confirms(primary);
  return replica;
}

/** The replica takes writes from now on, and waits for nobody. Its primary must be gone. */
export async function promoteReplica(replica: PostgresServer): Promise<void> {
  await replica.run('SELECT pg_promote(true, 30)');
  await replica.run('ALTER SYSTEM RESET synchronous_standby_names');
  await replica.run('SELECT pg_reload_conf()');
}

/** What was committed before the replica was asked is there too. */
async function confirms(primary: PostgresServer): Promise<void> {
  const [position] = await primary.run('SELECT pg_current_wal_lsn() AS lsn');
  const caughtUp = `SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync' AND flush_lsn >= '${String(position?.['lsn'])}'`;
  for (const until = Date.now() + deadlineMs; (await primary.run(caughtUp)).length === 0; await sleep(20)) {
    if (Date.now() > until) throw new Error('The replica does not follow its primary.');
  }
}
