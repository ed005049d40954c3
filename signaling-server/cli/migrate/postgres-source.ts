/** Reads all of a PostgreSQL database, page by page. */
import type { ClientBase } from 'pg';
import { z } from 'zod';
import { readMeta } from '../../adapters/postgres/migrations.ts';
import { idFromBytes } from '../../adapters/sqlite/ids.ts';
import { ParleyError, type RelayId } from '../../../protocol/index.ts';
import { columnsOf, partNames, type Kind, type Part, type Row } from './parts.ts';
import { postgresLogWindow, postgresReads } from './postgres-reads.ts';
import type { Page, Position, Source, Window } from './sides.ts';
import type { ReadStep } from './sqlite-reads.ts';

/** Rows of one page: so many that their payloads come to about so many bytes, as far as the page before tells. */
const page = { firstRows: 500, leastRows: 50, mostRows: 4_000, bytes: 8 * 1024 * 1024 };

/** PostgreSQL's whole numbers come as text, since they may be larger than JavaScript's. */
const wholeNumber = z.coerce.number<string | number>().int();

const kindSchemas: Readonly<Record<Kind, z.ZodType>> = {
  id: z.uuid(),
  text: z.string(),
  'text?': z.string().nullable(),
  number: wholeNumber,
  'number?': wholeNumber.nullable(),
  flag: z.boolean(),
  bytes: z.instanceof(Uint8Array),
  'bytes?': z.instanceof(Uint8Array).nullable(),
};

type RawRow = Readonly<Record<string, unknown>>;
const keySchema = z.union([z.string(), z.number()]);

export async function createPostgresSource(
  client: ClientBase,
  title: string,
  close: () => Promise<void>,
): Promise<Source> {
  const schemas = Object.fromEntries(partNames.map((part) => [part, rowSchema(part)]));
  let rowsAtOnce = page.firstRows;

  async function read<P extends Part>(part: P, step: ReadStep, given: Position): Promise<Page<P> | null> {
    const asked = rowsAtOnce;
    const { rows: raws } = await client.query<RawRow>(step.sql, [...given, asked]);
    const last = raws.at(-1);
    if (last === undefined) return null;
    const rows = raws.map((raw) => schemas[part]?.parse(raw) as Row<P>);
    if (part === 'log') rowsAtOnce = fittingRows(raws);
    return { rows, position: step.start.map((_, index) => keySchema.parse(last[`k${index}`])) };
  }

  return {
    title,
    relayId: await readRelayId(client, title),
    page: (part, after) => read(part, postgresReads[part], after ?? postgresReads[part].start),
    logPage: (window, after) =>
      read('log', postgresLogWindow, [...(after ?? postgresLogWindow.start), window.first, window.last]),
    window: (after, conversations) => nextWindow(client, after, conversations),
    close,
  };
}

function rowSchema(part: Part): z.ZodType {
  return z.object(Object.fromEntries(columnsOf(part).map(([column, kind]) => [column, kindSchemas[kind]])));
}

function fittingRows(raws: readonly RawRow[]): number {
  const bytes = raws.reduce((sum, { payload }) => sum + (payload instanceof Uint8Array ? payload.byteLength : 0), 0);
  const fitting = Math.floor(page.bytes / Math.max(1, bytes / raws.length));
  return Math.min(page.mostRows, Math.max(page.leastRows, fitting));
}

async function readRelayId(client: ClientBase, title: string): Promise<RelayId> {
  const id = await readMeta(client, 'relay_id');
  if (id) return idFromBytes(id);
  throw new ParleyError('not_found', { message: `There is no relay's data in ${title}.` });
}

const windowSchema = z.object({ first: z.uuid().nullable(), last: z.uuid().nullable() });

/** Not every engine has `min` and `max` of UUIDs: their text sorts alike. */
async function nextWindow(client: ClientBase, after: string | null, conversations: number): Promise<Window | null> {
  const { rows } = await client.query<RawRow>(
    `SELECT min(id) AS first, max(id) AS last FROM (
       SELECT conversation_id::text COLLATE "C" AS id FROM conversations
       WHERE conversation_id > $1 ORDER BY conversation_id LIMIT $2) AS next`,
    [after ?? postgresReads.conversations.start[0], conversations],
  );
  const { first, last } = windowSchema.parse(rows[0]);
  return first !== null && last !== null ? { first, last } : null;
}
