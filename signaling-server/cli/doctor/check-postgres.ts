/** Checks the database of `--store`: there, of a kind and version that will do, ours, safe against power cuts, with room. */
import type { ClientBase } from 'pg';
import { z } from 'zod';
import { ParleyError } from '../../../protocol/index.ts';
import { laneConnections } from '../../adapters/postgres/connections.ts';
import { detectEngine, type Engine } from '../../adapters/postgres/engine.ts';
import { readMeta, readSchemaVersion, schemaVersion } from '../../adapters/postgres/migrations.ts';
import { describeEngineUrl } from '../../config/engine-url.ts';
import type { Config } from '../../config/settings-table.ts';
import { isAway } from '../../runtime/is-away.ts';
import { connectPostgres } from '../migrate/connect-postgres.ts';
import { checkClockBetween } from './check-clock.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

/** Tried in Parley's tests; what its statements need came with earlier ones. */
const leastVersion = 130_000;

export async function checkPostgres(url: string, { storePool }: Pick<Config, 'storePool'>): Promise<Finding[]> {
  const place = describeEngineUrl(url);
  let connection;
  try {
    connection = await connectPostgres(url);
  } catch (error) {
    return [fail('database', `${place}: ${explain(error)}`, adviceFor(error))];
  }
  const { client, close } = connection;
  try {
    const engine = await detectEngine(client);
    return [
      checkEngine(
        engine,
        place,
        await readNumber(client, "SELECT current_setting('server_version_num')::int AS value"),
      ),
      await checkSchema(client),
      ...(engine.name === 'PostgreSQL' || engine.name === 'Citus' ? await checkSettings(client, storePool) : []),
      await checkRoundTrip(client),
      await checkClockBetween('the database', () => readNumber(client, readClock)),
    ];
  } catch (error) {
    return [fail('database', `${place}: ${explain(error)}`, 'Look at the log of the database.')];
  } finally {
    await close();
  }
}

const readClock = 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS value';

function checkEngine({ name, version }: Engine, place: string, number: number): Finding {
  const found = `${version.split(/,| on /)[0] ?? version} at ${place}`;
  if (name !== 'PostgreSQL') {
    return warn(
      'database',
      found,
      `Parley is tried on PostgreSQL; ${name} should do by its documentation. Try it before you rely on it.`,
    );
  }
  return number >= leastVersion ? ok('database', found) : fail('database', found, 'Install PostgreSQL 13 or newer.');
}

async function checkSchema(client: ClientBase): Promise<Finding> {
  try {
    const version = await readSchemaVersion(client);
    if (version > 0 && (await readMeta(client, 'migration')) !== null) {
      const advice = 'Finish it: run the same `parley-relay migrate` again. No relay starts on this database before.';
      return fail('schema', 'a migration into this database is not finished', advice);
    }
    if (version === schemaVersion) return ok('schema', `version ${version}`);
    const mayCreate = await readFlag(client, "SELECT has_schema_privilege(current_schema(), 'CREATE') AS value");
    if (!mayCreate) {
      const advice = 'As the owner of the database: GRANT CREATE ON SCHEMA public TO the user of --store.';
      return fail('schema', 'tables are to be made, and this user may not', advice);
    }
    if (version === 0) return ok('schema', 'none yet; the first start makes it');
    const advice = 'The next start upgrades it: make a backup first.';
    return warn('schema', `version ${version}, this relay's is ${schemaVersion}`, advice);
  } catch (error) {
    const isNewer = error instanceof ParleyError && error.code === 'storage_newer';
    return fail(
      'schema',
      explain(error),
      isNewer ? 'Install the newer relay.' : 'Name a database that is the relay’s alone.',
    );
  }
}

async function checkSettings(client: ClientBase, pool: number): Promise<Finding[]> {
  const setting = (name: string) => readText(client, 'SELECT current_setting($1) AS value', [name]);
  const numberOf = async (name: string) => Number(await setting(name));
  return [
    describeDurability(await setting('fsync'), await setting('synchronous_commit'), await setting('full_page_writes')),
    describeStandby(await setting('synchronous_standby_names')),
    describeRoom(await numberOf('max_connections'), await numberOf('superuser_reserved_connections'), pool),
  ];
}

/** Relays ask for `synchronous_commit = on` themselves; what no session can ask for is `fsync`. */
function describeDurability(fsync: string, commit: string, pages: string): Finding {
  if (fsync !== 'on') {
    return fail(
      'durability',
      'fsync is off: a power cut loses messages that were confirmed',
      'Set fsync = on in postgresql.conf.',
    );
  }
  if (pages !== 'on') {
    return warn('durability', 'full_page_writes is off', 'Set it on, unless the file system itself never tears pages.');
  }
  const asked = commit === 'on' || commit === 'remote_apply' ? '' : `; relays ask for on in place of ${commit}`;
  return ok('durability', `commits are on disk when they are confirmed${asked}`);
}

function describeStandby(names: string): Finding {
  if (names !== '') return ok('standby', `commits wait for ${names}`);
  const advice = 'Set synchronous_standby_names, so that what was confirmed outlives the machine of the database.';
  return warn('standby', 'none that commits wait for', advice);
}

/** Commands, `doctor` and the admin need some, too. */
const spare = 5;

function describeRoom(most: number, reserved: number, pool: number): Finding {
  const more = laneConnections.appends + laneConnections.advances;
  const nodes = Math.floor((most - reserved - spare) / (pool + more));
  const found = `${most} at most: room for ${nodes} nodes with --store-pool ${pool}, and ${more} more for each while a part of the database is stuck`;
  const advice = 'Raise max_connections, lower --store-pool, or put PgBouncer (in session mode) between.';
  if (nodes < 1) return fail('connections', found, advice);
  return nodes < 3 ? warn('connections', found, advice) : ok('connections', found);
}

/** A message waits for about two of them. */
const slowMs = 10;

async function checkRoundTrip(client: ClientBase): Promise<Finding> {
  const times: number[] = [];
  for (let index = 0; index < 9; index++) {
    const began = performance.now();
    await client.query('SELECT 1');
    times.push(performance.now() - began);
  }
  const median = times.sort((a, b) => a - b)[4] ?? 0;
  const found = `${median.toFixed(1)} ms there and back`;
  return median <= slowMs
    ? ok('distance', found)
    : warn('distance', found, 'Put relays and database into one data centre: every message waits for this twice.');
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && isAway(error)
    ? `cannot be reached (${cause.message === '' && 'code' in cause ? String(cause.code) : cause.message})`
    : error.message;
}

function adviceFor(error: unknown): string {
  return isAway(error)
    ? 'Start it, check host and port in --store, and that it listens for this machine (listen_addresses, pg_hba.conf, firewall).'
    : 'Check user, password and database in --store, and pg_hba.conf.';
}

const numberRow = z.object({ value: z.coerce.number() });
const textRow = z.object({ value: z.string() });
const flagRow = z.object({ value: z.boolean() });

async function readNumber(client: ClientBase, sql: string): Promise<number> {
  return numberRow.parse((await client.query<unknown[]>(sql)).rows[0]).value;
}

async function readText(client: ClientBase, sql: string, values: readonly string[]): Promise<string> {
  return textRow.parse((await client.query<unknown[]>(sql, [...values])).rows[0]).value;
}

async function readFlag(client: ClientBase, sql: string): Promise<boolean> {
  return flagRow.parse((await client.query<unknown[]>(sql)).rows[0]).value;
}
