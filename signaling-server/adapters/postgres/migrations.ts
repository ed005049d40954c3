/** The steps that bring a database to this build's schema: forward only, by one relay at a time, each in a commit of its own. */
import type { ClientBase } from 'pg';
import { ParleyError } from '../../../protocol/index.ts';
import { detectEngine, type Engine } from './engine.ts';
import { firstSchema } from './schema-001-first.ts';
import { coldSchema } from './schema-002-cold.ts';
import { changeTimeSchema } from './schema-003-change-time.ts';

/** In order; the number of a step is its place, counted from 1. Never change one that has been released. */
const migrations: readonly ((engine: Engine) => readonly string[])[] = [firstSchema, coldSchema, changeTimeSchema];

export const schemaVersion = migrations.length;

const versionKey = 'schema_version';

/**
 * Brings the database to this build's schema. Several may do so at once: each step holds the row of the version, so that
 * one relay takes it and the others find it taken. Fails with SQLSTATE 40001, 40P01 or 23505 when others were in the way:
 * then it is to be called again.
 * @throws ParleyError `storage_newer` for a database of a newer relay, `storage_failed` for one that is no relay's; either
 * is left as it is.
 */
export async function migrate(client: ClientBase): Promise<Engine> {
  const engine = await detectEngine(client);
  if ((await readSchemaVersion(client)) === schemaVersion) return engine;
  await client.query('CREATE TABLE IF NOT EXISTS meta (key text PRIMARY KEY, value bytea NOT NULL)');
  await client.query("INSERT INTO meta VALUES ($1, '0') ON CONFLICT DO NOTHING", [versionKey]);
  for (const step of migrations.keys()) await takeStep(client, engine, step);
  return engine;
}

async function takeStep(client: ClientBase, engine: Engine, step: number): Promise<void> {
  await client.query('BEGIN');
  try {
    const { rows } = await client.query<{ value: Buffer }>('SELECT value FROM meta WHERE key = $1 FOR UPDATE', [
      versionKey,
    ]);
    const version = versionOf(rows[0]?.value);
    refuseNewer(version);
    if (version === step) {
      for (const statement of migrations[step]?.(engine) ?? []) await client.query(statement);
      await client.query('UPDATE meta SET value = $2 WHERE key = $1', [versionKey, Buffer.from(String(step + 1))]);
    }
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => {});
    throw cause;
  }
}

/**
 * Which version of the schema the database has; 0 for an empty one. Changes nothing.
 * @throws as `migrate`.
 */
export async function readSchemaVersion(client: ClientBase): Promise<number> {
  const tables = await readTables(client);
  if (!tables.includes('meta')) {
    if (tables.length > 0) refuseForeign();
    return 0;
  }
  const value = await readMeta(client, versionKey);
  if (value === null && tables.length > 1) refuseForeign();
  const version = versionOf(value ?? Buffer.from('0'));
  refuseNewer(version);
  return version;
}

/** What `meta` has under a key; null for nothing, and in a database that is no relay's. */
export async function readMeta(client: ClientBase, key: string): Promise<Buffer | null> {
  const { rows: columns } = await client.query(
    `SELECT column_name FROM information_schema.columns
     WHERE table_schema = current_schema() AND table_name = 'meta' AND column_name IN ('key', 'value')`,
  );
  if (columns.length < 2) return null;
  const { rows } = await client.query<{ value: Buffer }>('SELECT value FROM meta WHERE key = $1', [key]);
  return rows[0]?.value ?? null;
}

async function readTables(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ table_name: string }>(
    `SELECT table_name FROM information_schema.tables
     WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'`,
  );
  return rows.map((row) => row.table_name);
}

function versionOf(value: Buffer | undefined): number {
  const version = Number(value?.toString('utf8'));
  return Number.isInteger(version) ? version : refuseForeign();
}

function refuseNewer(version: number): void {
  if (version <= schemaVersion) return;
  const message = `The database has version ${version}, and this relay knows versions up to ${schemaVersion}. Install the newer relay that wrote it; nothing was changed.`;
  throw new ParleyError('storage_newer', { message });
}

function refuseForeign(): never {
  const message =
    "The database holds other tables and is not a relay's. Give the relay a database of its own, and name that in the store's URL; nothing was changed.";
  throw new ParleyError('storage_failed', { message });
}
