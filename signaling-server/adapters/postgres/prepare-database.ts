/** Makes a database ready when a relay starts: of this build's schema, with an id, and not half filled by a migration. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';
import { ParleyError, type RelayId } from '../../../protocol/index.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { clientConfig, type ConnectionOptions } from './connections.ts';
import { NoConnection, sqlState, toStoreError } from './database-errors.ts';
import { detectEngine, type Engine } from './engine.ts';
import { migrate, readMeta, readSchemaVersion, schemaVersion } from './migrations.ts';
import { loadRelayId } from './relay-id.ts';

export interface PreparedDatabase {
  readonly relayId: RelayId;
  readonly engine: Engine;
}

/** How often it is tried when other relays, starting at the same moment, are in the way. */
const tries = 40;
/** serialization_failure, deadlock_detected, unique_violation, duplicate_table, duplicate_object, internal_error ("tuple concurrently updated"). */
const inTheWay = new Set(['40001', '40P01', '23505', '42P07', '42710', 'XX000']);

export async function prepareDatabase(
  settings: ConnectionOptions,
  clock: Clock,
  log: Pick<Log, 'info'>,
): Promise<PreparedDatabase> {
  for (let tried = 1; ; tried++) {
    try {
      return await prepareOnce(settings, clock, log);
    } catch (cause) {
      if (tried >= tries || !inTheWay.has(sqlState(cause) ?? '')) throw toStoreError(cause);
      await sleep(Math.random() * 100);
    }
  }
}

/** A change of schema may take longer than any other act, so it alone is waited for however long it takes. */
async function prepareOnce(
  settings: ConnectionOptions,
  clock: Clock,
  log: Pick<Log, 'info'>,
): Promise<PreparedDatabase> {
  const usual = clientConfig(settings);
  const version = await over(usual, readSchemaVersion);
  if (version !== schemaVersion) {
    log.info('database.changing_schema', { from: version, to: schemaVersion });
    await over({ ...usual, statement_timeout: false, query_timeout: 0 }, migrate);
  }
  return over(usual, async (client) => {
    if (await readMeta(client, 'migration')) throw unfinished();
    return { engine: await detectEngine(client), relayId: await loadRelayId(client, clock()) };
  });
}

/** Over a connection of its own. */
async function over<T>(config: ClientConfig, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(config);
  client.on('error', () => {});
  try {
    await client.connect().catch((cause: unknown) => {
      throw new NoConnection(cause, false);
    });
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

function unfinished(): ParleyError {
  const message =
    'A migration into this database is not finished. Finish it: run the same `parley-relay migrate` again.';
  return new ParleyError('storage_busy', { message });
}
