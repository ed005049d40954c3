/** Opens what is read from and what is written to, and refuses what would lose something. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import type { ClientBase } from 'pg';
import { z } from 'zod';
import { connectAdmin } from '../../admin/admin-client.ts';
import { adminSocketPath } from '../../admin/admin-path.ts';
import { migrate, readSchemaVersion, schemaVersion as postgresVersion } from '../../adapters/postgres/migrations.ts';
import { holdFolder } from '../../adapters/sqlite/data-directory.ts';
import { refuseNewerFile, schemaVersion } from '../../adapters/sqlite/migrations.ts';
import { describeEngineUrl } from '../../config/engine-url.ts';
import { applicationNames } from '../../engines/open-store.ts';
import { ParleyError } from '../../../protocol/index.ts';
import { connectPostgres } from './connect-postgres.ts';
import type { MigrationState } from './migration-state.ts';
import { createPostgresSource } from './postgres-source.ts';
import { keepRelayId, keepState, readState } from './postgres-state.ts';
import { createPostgresTarget } from './postgres-target.ts';
import type { Source, Target } from './sides.ts';
import { createSqliteSource } from './sqlite-source.ts';
import { openSqliteTarget } from './sqlite-target.ts';

export function isDatabaseUrl(place: string): boolean {
  return /^postgres(ql)?:\/\//i.test(place);
}

/** @throws ParleyError when a relay may write to it, or there is nothing. */
export function openSource(place: string): Promise<Source> {
  return isDatabaseUrl(place) ? openDatabaseSource(place) : openFolderSource(resolve(place));
}

/** @throws ParleyError when something is there that is not this migration's. */
export function openTarget(place: string, source: Source, from: MigrationState['from']): Promise<Target> {
  return isDatabaseUrl(place)
    ? openDatabaseTarget(place, source, from)
    : openFolderTarget(resolve(place), source, from);
}

async function openFolderSource(folder: string): Promise<Source> {
  const file = join(folder, 'relay.db');
  if (!existsSync(file))
    throw refuse('not_found', `There is no relay's data in ${folder}. Name its folder with --from.`);
  refuseNewerFile(file);
  const release = await keepUnchanged(folder);
  const db = new Database(file, { readonly: true, timeout: 5_000 });
  try {
    const version = db.pragma('user_version', { simple: true }) as number;
    if (version !== schemaVersion) {
      const how = 'Start this relay on it once, which brings it up to date, stop it, and try again.';
      throw refuse('storage_failed', `The database in ${folder} has version ${version}, not ${schemaVersion}. ${how}`);
    }
    db.pragma('cache_size = -65536');
    return createSqliteSource(db, folder, () => {
      db.close();
      release();
    });
  } catch (error) {
    db.close();
    release();
    throw error;
  }
}

/** Nothing may be written while it is copied: a relay that runs must be read-only, and else none may start. */
async function keepUnchanged(folder: string): Promise<() => void> {
  const path = adminSocketPath(folder);
  const running = path === null ? null : await connectAdmin(path);
  if (running === null) {
    const held = holdFolder(folder);
    return () => held.release();
  }
  const { readOnly } = await running.status({});
  if (readOnly) return () => {};
  throw refuse(
    'storage_busy',
    `A relay is running on ${folder} and takes messages, which would be missing from the copy. Restart it with --read-only on (people go on reading, and what they send waits on their devices), or stop it.`,
  );
}

async function openDatabaseSource(url: string): Promise<Source> {
  const title = describeEngineUrl(url);
  const { client, close } = await connectPostgres(url);
  try {
    const version = await readSchemaVersion(client);
    if (version === 0) throw refuse('not_found', `There is no relay's data in ${title}.`);
    if (version !== postgresVersion) {
      const how = 'Start this relay on it once, which brings it up to date, stop it, and try again.';
      throw refuse('storage_failed', `The database ${title} has version ${version}, not ${postgresVersion}. ${how}`);
    }
    if (await readState(client))
      throw refuse('storage_busy', `A migration into ${title} is not finished. Finish that one first.`);
    await refuseServing(client, title);
    return await createPostgresSource(client, title, close);
  } catch (error) {
    await close();
    throw error;
  }
}

const countSchema = z.object({ count: z.coerce.number() });

async function refuseServing(client: ClientBase, title: string): Promise<void> {
  const { rows } = await client.query<unknown[]>(
    'SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1',
    [applicationNames.serving],
  );
  if (countSchema.parse(rows[0]).count === 0) return;
  throw refuse(
    'storage_busy',
    `Relays run on ${title} and take messages, which would be missing from the copy. Restart all of them with --read-only on (people go on reading, and what they send waits on their devices), or stop them.`,
  );
}

async function openDatabaseTarget(url: string, source: Source, from: MigrationState['from']): Promise<Target> {
  const title = describeEngineUrl(url);
  const { client, close } = await connectPostgres(url);
  try {
    await migrate(client);
    await client.query("SET synchronous_commit = 'on'");
    const state = (await readState(client)) ?? (await beginState(client, title, source, from));
    if (state.relayId !== source.relayId || state.from !== from) {
      throw refuse(
        'storage_busy',
        `${title} is half filled with the data of another relay. Go on with that migration, or name an empty database.`,
      );
    }
    return createPostgresTarget({ client, title, state, close });
  } catch (error) {
    await close();
    throw error;
  }
}

async function beginState(
  client: ClientBase,
  title: string,
  { relayId }: Source,
  from: MigrationState['from'],
): Promise<MigrationState> {
  const { rows } = await client.query(
    `SELECT 1 WHERE EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM conversations) OR EXISTS (SELECT 1 FROM invites)`,
  );
  if (rows.length > 0) {
    throw refuse(
      'storage_busy',
      `There is data in ${title} already. Name an empty database with --to: nothing is ever written over.`,
    );
  }
  const state: MigrationState = { relayId, from, parts: {} };
  await keepRelayId(client, relayId);
  await keepState(client, state);
  return state;
}

async function openFolderTarget(folder: string, source: Source, from: MigrationState['from']): Promise<Target> {
  const file = join(folder, 'relay.db');
  const held = holdFolder(folder);
  try {
    if (existsSync(file))
      throw refuse(
        'storage_busy',
        `There is data in ${folder} already. Name an empty folder with --to: nothing is ever written over.`,
      );
    return openSqliteTarget({ folder, file, relayId: source.relayId, from, release: () => held.release() });
  } catch (error) {
    held.release();
    throw error;
  }
}

function refuse(code: 'not_found' | 'storage_busy' | 'storage_failed', message: string): ParleyError {
  return new ParleyError(code, { message });
}
