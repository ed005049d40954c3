/** Where a PostgreSQL database keeps that it is being filled: in the table that holds its version and the relay's id. */
import type { ClientBase } from 'pg';
import { idToBytes } from '../../adapters/sqlite/ids.ts';
import { readMeta } from '../../adapters/postgres/migrations.ts';
import type { RelayId } from '../../../protocol/index.ts';
import { migrationStateSchema, type MigrationState } from './migration-state.ts';

/** While it is there no relay starts on the database. */
const stateKey = 'migration';

const put = 'INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value';

/** Null when nothing is being copied into the database. */
export async function readState(client: ClientBase): Promise<MigrationState | null> {
  const value = await readMeta(client, stateKey);
  return value && migrationStateSchema.parse(JSON.parse(value.toString('utf8')));
}

export async function keepState(client: ClientBase, state: MigrationState): Promise<void> {
  await client.query(put, [stateKey, Buffer.from(JSON.stringify(state))]);
}

export async function keepRelayId(client: ClientBase, relayId: RelayId): Promise<void> {
  await client.query(put, ['relay_id', idToBytes(relayId)]);
}

export async function forgetState(client: ClientBase): Promise<void> {
  await client.query('DELETE FROM meta WHERE key = $1', [stateKey]);
}
