/** Reads all of an embedded relay's database, page by page, without writing to it; a read-only relay may run beside. */
import type { Database, Statement } from 'better-sqlite3';
import { idFromBytes } from '../../adapters/sqlite/ids.ts';
import { Recent } from '../../runtime/recent.ts';
import type { RelayId } from '../../../protocol/index.ts';
import { columnsOf, type Kind, type Part, type Row, type Value } from './parts.ts';
import type { Page, Position, Source, Window } from './sides.ts';
import { sqliteLogWindow, sqliteReads, type ReadStep } from './sqlite-reads.ts';

/** What one page holds at most. */
const page = { rows: 4_000, bytes: 8 * 1024 * 1024 };

type RawRow = Readonly<Record<string, unknown>>;

export function createSqliteSource(db: Database, title: string, close: () => void): Source {
  const statements = new Map<ReadStep, Statement<unknown[], RawRow>>();
  const relayId = db.prepare<[], Buffer>("SELECT value FROM meta WHERE key = 'relay_id'").pluck().get();
  if (!relayId) throw new Error('The database has no relay id.');
  const nameOf = createNames(db);

  function read<P extends Part>(part: P, step: ReadStep, keys: Position): Page<P> | null {
    const known = statements.get(step) ?? db.prepare<unknown[], RawRow>(step.sql);
    statements.set(step, known);
    const columns = columnsOf(part);
    const rows: Row<P>[] = [];
    let bytes = 0;
    let last: RawRow | undefined;
    for (const raw of known.iterate(...keys)) {
      rows.push(decode<P>(columns, raw, nameOf));
      last = raw;
      bytes += sizeOf(raw['payload']);
      if (rows.length >= page.rows || bytes >= page.bytes) break;
    }
    return last === undefined ? null : { rows, position: positionOf(last, step) };
  }

  return {
    title,
    relayId: idFromBytes<RelayId>(relayId),
    async page(part, after) {
      const step = sqliteReads[part];
      return read(part, step, after ?? step.start);
    },
    async logPage(window, after) {
      return read('log', sqliteLogWindow, [...(after ?? sqliteLogWindow.start), window.first, window.last]);
    },
    async window(after, conversations) {
      return nextWindow(db, after, conversations);
    },
    async close() {
      close();
    },
  };
}

function nextWindow(db: Database, after: string | null, conversations: number): Window | null {
  const ids = db
    .prepare<[string, number], { first: Buffer | null; last: Buffer | null }>(
      `SELECT min(public_id) AS first, max(public_id) AS last FROM (
         SELECT public_id FROM conversations WHERE public_id > unhex(?) ORDER BY public_id LIMIT ?)`,
    )
    .get((after ?? '').replaceAll('-', ''), conversations);
  return ids?.first && ids.last ? { first: idFromBytes(ids.first), last: idFromBytes(ids.last) } : null;
}

function positionOf(raw: RawRow, { start }: ReadStep): Position {
  return start.map((_, index) => raw[`k${index}`] as string | number);
}

function sizeOf(payload: unknown): number {
  return payload instanceof Uint8Array ? payload.byteLength : 0;
}

type NameOf = (table: string, row: number) => string;

function decode<P extends Part>(columns: ReturnType<typeof columnsOf>, raw: RawRow, nameOf: NameOf): Row<P> {
  const row: Record<string, Value> = {};
  for (const [column, kind] of columns) {
    const value = raw[column];
    row[column] = kind === 'id' && typeof value === 'number' ? nameOf(`${column}s`, value) : decodeValue(kind, value);
  }
  return row as Row<P>;
}

/** STRICT tables hold what their columns say. */
function decodeValue(kind: Kind, value: unknown): Value {
  if (kind === 'id') return idFromBytes(value as Uint8Array);
  return kind === 'flag' ? value === 1 : (value as Value);
}

const remembered = 50_000;

/** The public ids of rows that are named by their integers. */
function createNames(db: Database): NameOf {
  const tables = new Map(
    ['conversations', 'users', 'devices'].map((table) => {
      const select = db.prepare<[number], Buffer>(`SELECT public_id FROM ${table} WHERE id = ?`).pluck();
      return [table, { select, known: new Recent<number, string>(remembered) }];
    }),
  );
  return (table, row) => {
    const names = tables.get(table);
    const known = names?.known.get(row);
    if (known !== undefined) return known;
    const bytes = names?.select.get(row);
    if (!bytes) throw new Error(`The ${table} table has no row ${row} although a message names it.`);
    const name = idFromBytes<string>(bytes);
    names?.known.set(row, name);
    return name;
  };
}
