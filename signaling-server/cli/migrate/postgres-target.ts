/** Fills an empty PostgreSQL database, batch by batch, each in one transaction with how far it came. */
import type { ClientBase } from 'pg';
import { CopyRows } from './copy-binary.ts';
import { copyIn } from './copy-in.ts';
import { nothingYet, type MigrationState } from './migration-state.ts';
import type { Part, Row } from './parts.ts';
import { createPostgresSource } from './postgres-source.ts';
import { postgresTables, type TableRows } from './postgres-tables.ts';
import { forgetState, keepState } from './postgres-state.ts';
import type { Target } from './sides.ts';

interface TargetDeps {
  readonly client: ClientBase;
  readonly title: string;
  readonly state: MigrationState;
  close(): Promise<void>;
}

/** Conversations whose heads are set by one statement. */
const headsAtOnce = 2_000;

export function createPostgresTarget({ client, title, state, close }: TargetDeps): Target {
  const reached = state;
  return {
    title,
    progress: (part) => reached.parts[part] ?? nothingYet,
    async write(part, rows, progress) {
      const parts = {
        ...reached.parts,
        [part]: { ...progress, position: progress.position && [...progress.position] },
      };
      await inTransaction(client, async () => {
        for (const table of postgresTables[part]) await copyRows(client, table, rows);
        await keepState(client, { ...reached, parts });
      });
      reached.parts = parts;
    },
    async derive() {
      await setHeads(client);
      await client.query(countHolds);
      await client.query(sumUsage);
      await client.query('ANALYZE');
    },
    reader: () => createPostgresSource(client, title, async () => {}),
    finish: () => forgetState(client),
    close,
  };
}

async function copyRows<P extends Part>(
  client: ClientBase,
  { table, columns, values }: TableRows<P>,
  rows: readonly Row<P>[],
): Promise<void> {
  const copied = new CopyRows(columns.map(([, type]) => type));
  let count = 0;
  for (const row of rows) {
    for (const each of values(row)) {
      copied.add(each);
      count += 1;
    }
  }
  if (count === 0) return;
  const names = columns.map(([name]) => name).join(', ');
  await copyIn(client, `COPY ${table} (${names}) FROM STDIN BINARY`, copied.finish());
}

async function inTransaction(client: ClientBase, work: () => Promise<void>): Promise<void> {
  await client.query('BEGIN');
  try {
    await work();
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function setHeads(client: ClientBase): Promise<void> {
  const source = await createPostgresSource(client, '', async () => {});
  for (let next = await source.window(null, headsAtOnce); next; next = await source.window(next.last, headsAtOnce)) {
    await client.query(
      `UPDATE conversations SET head = newest.seq, active_at = newest.time
       FROM (SELECT DISTINCT ON (conversation_id) conversation_id, seq, time FROM log
             WHERE conversation_id BETWEEN $1 AND $2 ORDER BY conversation_id, seq DESC) AS newest
       WHERE conversations.conversation_id = newest.conversation_id`,
      [next.first, next.last],
    );
  }
}

const countHolds = `INSERT INTO blobs (blob, holds, removable) SELECT blob, count(*), false FROM blob_holds GROUP BY blob
  ON CONFLICT (blob) DO UPDATE SET holds = excluded.holds`;

const sumUsage = `INSERT INTO blob_usage (user_id, held_bytes) SELECT user_id, sum(bytes)::bigint FROM blob_holds GROUP BY user_id
  ON CONFLICT (user_id) DO UPDATE SET held_bytes = excluded.held_bytes`;
