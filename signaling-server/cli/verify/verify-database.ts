/** `verify` for a database of `--store`: every message, chain and look-up, without writing; relays may be running. */
import type { ClientBase } from 'pg';
import { z } from 'zod';
import { ParleyError } from '../../../protocol/index.ts';
import { readSchemaVersion, schemaVersion } from '../../adapters/postgres/migrations.ts';
import { describeEngineUrl } from '../../config/engine-url.ts';
import type { Config } from '../../config/settings-table.ts';
import { fail, ok, type Finding } from '../doctor/finding.ts';
import { connectPostgres } from '../migrate/connect-postgres.ts';
import { createPostgresSource } from '../migrate/postgres-source.ts';
import { readColdEnds } from '../migrate/cold-ends.ts';
import { Differences } from './differences.ts';
import { describeLog, type LogTotals } from './log-findings.ts';
import { withObjectStore } from './object-store.ts';
import { readSharedClaims } from './shared-claims.ts';
import { inObjectStore, verifyFiles, type Hold } from './verify-files.ts';
import { walkSharedLog } from './walk-shared-log.ts';

/** Conversations held in memory at once, at about 500 bytes each. */
const windowSize = 100_000;

const restore = 'Stop the relays and restore the newest backup of the database that verifies.';

export async function* verifyDatabase(url: string): AsyncGenerator<Finding> {
  const { client, close } = await connectPostgres(url);
  try {
    await assertPresentSchema(client, describeEngineUrl(url));
    yield await checkLookUps(client);
    yield* await verifyLog(client, describeEngineUrl(url));
  } finally {
    await close();
  }
}

/** Of files in the object store; those in a folder of one node belong to that node's own `verify`. */
export async function verifyFilesOf(config: Config, url: string, options: { content: boolean }): Promise<Finding> {
  const { client, close } = await connectPostgres(url);
  try {
    const source = await createPostgresSource(client, url, async () => {});
    return await withObjectStore(config, (storage) => {
      return verifyFiles({ source, storage, isHeld: (hold) => isHeld(client, hold), ...inObjectStore }, options);
    });
  } finally {
    await close();
  }
}

async function isHeld(client: ClientBase, { conversation, blob }: Hold): Promise<boolean> {
  const text = 'SELECT 1 FROM blob_holds WHERE conversation_id = $1 AND blob = $2 LIMIT 1';
  return (await client.query(text, [conversation, blob])).rows.length > 0;
}

async function assertPresentSchema(client: ClientBase, title: string): Promise<void> {
  const version = await readSchemaVersion(client);
  if (version === schemaVersion) return;
  const message =
    version === 0
      ? `There is no relay's data in ${title}.`
      : `The database has version ${version} and this relay's is ${schemaVersion}. Make a backup, start the relay once to bring it up to date, then verify.`;
  throw new ParleyError(version === 0 ? 'not_found' : 'storage_failed', { message });
}

const countSchema = z.object({ count: z.coerce.number() });

/** Rows that are kept twice, so that they are found by either key. */
const twins = [
  ['users', 'usernames', 'accounts and their names'],
  ['users WHERE email IS NOT NULL', 'emails', 'e-mail addresses'],
  ['users WHERE phone IS NOT NULL', 'phones', 'telephone numbers'],
  ['devices', 'device_users', 'devices and their users'],
  ['devices WHERE token_hash IS NOT NULL', 'tokens', 'sessions and their tokens'],
  ['members', 'memberships', 'members of conversations'],
] as const;

/** In one snapshot, so that a relay that writes beside is not seen half way. */
async function checkLookUps(client: ClientBase): Promise<Finding> {
  const count = async (table: string) =>
    countSchema.parse((await client.query<unknown[]>(`SELECT count(*) FROM ${table}`)).rows[0]).count;
  const differing: string[] = [];
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    for (const [one, other, what] of twins) {
      const [a, b] = [await count(one), await count(other)];
      if (a !== b) differing.push(`${what}: ${a} and ${b}`);
    }
  } finally {
    await client.query('ROLLBACK');
  }
  return differing.length === 0
    ? ok('look-ups', 'names, sessions and members are found by either key')
    : fail('look-ups', differing.join('; '), restore);
}

async function verifyLog(client: ClientBase, title: string): Promise<Finding[]> {
  const source = await createPostgresSource(client, title, async () => {});
  const differences = { messages: new Differences(), chains: new Differences(), devices: new Differences() };
  const total: LogTotals = { messages: 0, checkpoints: 0, conversations: 0, cold: 0 };
  const cold = await readColdEnds(source);
  let window = await source.window(null, windowSize);
  while (window) {
    // Before the log: what a relay adds meanwhile is never claimed and missing.
    const claims = await readSharedClaims(client, window);
    const walk = await walkSharedLog(client, source, window, { claims, cold }, differences);
    total.messages += walk.messages;
    total.checkpoints += walk.checkpoints;
    total.conversations += claims.conversations;
    total.cold += walk.cold;
    window = await source.window(window.last, windowSize);
  }
  return describeLog({ total, differences, restore, whole: 'The database' });
}
