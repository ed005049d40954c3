/** Makes a database ready when a relay starts: of this build's schema, with an id, and not half filled by a migration. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { ParleyError, type RelayId } from '../../../protocol/index.ts';
import type { Clock } from '../../ports/clock.ts';
import { clientConfig, type ConnectionOptions } from './connections.ts';
import { NoConnection, sqlState, toStoreError } from './database-errors.ts';
import type { Engine } from './engine.ts';
import { migrate, readMeta } from './migrations.ts';
import { loadRelayId } from './relay-id.ts';

export interface PreparedDatabase {
  readonly relayId: RelayId;
  readonly engine: Engine;
}

/** How often it is tried when other relays, starting at the same moment, are in the way. */
const tries = 40;
/** serialization_failure, deadlock_detected, unique_violation, duplicate_table, duplicate_object, internal_error ("tuple concurrently updated"). */
const inTheWay = new Set(['40001', '40P01', '23505', '42P07', '42710', 'XX000']);

export async function prepareDatabase(settings: ConnectionOptions, clock: Clock): Promise<PreparedDatabase> {
  for (let tried = 1; ; tried++) {
    try {
      return await prepareOnce(settings, clock);
    } catch (cause) {
      if (tried >= tries || !inTheWay.has(sqlState(cause) ?? '')) throw toStoreError(cause);
      await sleep(Math.random() * 100);
    }
  }
}

/** Over a connection of its own, since a change of schema may take longer than any other act. */
async function prepareOnce(settings: ConnectionOptions, clock: Clock): Promise<PreparedDatabase> {
  const client = new Client({ ...clientConfig(settings), statement_timeout: false, query_timeout: 0 });
  client.on('error', () => {});
  try {
    await client.connect().catch((cause: unknown) => {
      throw new NoConnection(cause, false);
    });
    const engine = await migrate(client);
    if (await readMeta(client, 'migration')) throw unfinished();
    return { engine, relayId: await loadRelayId(client, clock()) };
  } finally {
    await client.end().catch(() => {});
  }
}

function unfinished(): ParleyError {
  const message =
    'A migration into this database is not finished. Finish it: run the same `parley-relay migrate` again.';
  return new ParleyError('storage_busy', { message });
}
