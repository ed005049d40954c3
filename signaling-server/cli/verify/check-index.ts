/** Compares the two indexes of the log with the log: each entry leads to its message, and no message is left out. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { idFromBytes } from '../../adapters/sqlite/ids.ts';
import type { Differences } from './differences.ts';
import type { Walked } from './walk-log.ts';

interface RunRow {
  readonly conversation: number;
  readonly first_seq: number;
  readonly rows: string;
}

interface IdRow {
  readonly conversation: number;
  readonly message: Buffer;
  readonly isThere: number;
}

const runsAtOnce = 200;
const idsAtOnce = 1_000;
const rowList = z.array(z.number().int().positive()).min(1);

/** @param conversations as the log was walked, by their row. */
export function checkRuns(
  db: Database,
  range: { from: number; to: number },
  conversations: ReadonlyMap<number, Walked>,
  differences: Differences,
): void {
  const page = db.prepare<{ conversation: number; seq: number; to: number }, RunRow>(
    `SELECT conversation, first_seq, rows FROM log_runs
     WHERE (conversation, first_seq) > (@conversation, @seq) AND conversation <= @to
     ORDER BY conversation, first_seq LIMIT ${runsAtOnce}`,
  );
  const place = db.prepare<[number], { conversation: number; seq: number }>(
    'SELECT conversation, seq FROM log WHERE id = ?',
  );
  const covered = new Map<number, number>();

  let after = { conversation: range.from, seq: -1 };
  for (let runs = page.all({ ...after, to: range.to }); runs.length > 0; runs = page.all({ ...after, to: range.to })) {
    for (const run of runs) follow(run);
    const last = runs.at(-1);
    if (last) after = { conversation: last.conversation, seq: last.first_seq };
  }
  for (const [key, { id, indexed }] of conversations) {
    const end = covered.get(key) ?? 0;
    if (end < indexed) differences.add(`the index of ${id} ends at ${end} and not at ${indexed}`);
  }

  function follow({ conversation, first_seq: first, rows }: RunRow): void {
    const name = conversations.get(conversation)?.id ?? `conversation row ${conversation}`;
    const list = rowList.safeParse(parseJson(rows)).data;
    const expected = (covered.get(conversation) ?? conversations.get(conversation)?.coldThrough ?? 0) + 1;
    if (first !== expected) differences.add(`the index of ${name} goes from ${expected - 1} to ${first}`);
    if (!list) return differences.add(`the index of ${name} cannot be read at ${first}`);
    for (const [index, row] of list.entries()) {
      const found = place.get(row);
      if (found?.conversation === conversation && found.seq === first + index) continue;
      differences.add(`message ${first + index} of ${name} is not where the index says`);
    }
    covered.set(conversation, first + list.length - 1);
  }
}

/** @returns how many ids the index has. */
export function checkIds(db: Database, differences: Differences): number {
  const page = db.prepare<[number, Buffer], IdRow>(
    `SELECT i.conversation, i.message, l.id IS NOT NULL AS isThere
     FROM log_ids i LEFT JOIN log l ON l.id = i.row AND l.conversation = i.conversation AND l.message = i.message
     WHERE (i.conversation, i.message) > (?, ?) ORDER BY i.conversation, i.message LIMIT ${idsAtOnce}`,
  );
  let count = 0;
  let last: IdRow | undefined;
  do {
    const rows = page.all(last?.conversation ?? 0, last?.message ?? Buffer.alloc(0));
    for (const { isThere, message } of rows) {
      count += 1;
      if (!isThere) differences.add(`the index has ${idFromBytes(message)}, and the log does not`);
    }
    last = rows.at(-1);
  } while (last);
  return count;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
