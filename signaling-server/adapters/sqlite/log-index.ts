/**
 * Finds messages of the log by conversation and seq, and by conversation and id.
 *
 * Kept up to date with each message, the two indexes on disk would dirty two pages a message and cost more than all
 * the rest of a commit (measured: more than twice the time of a commit of 128). So the newest messages
 * of each conversation stay in memory as its tail, and go into the indexes many at a time. A start after a crash reads
 * the tails back from the end of the log.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { MessageId } from '../../../protocol/index.ts';
import { idFromBytes, idToBytes } from './ids.ts';
import { LogTails, type Tail } from './log-tails.ts';

export interface LogRow {
  readonly seq: number;
  readonly message: Buffer;
  readonly user: number;
  readonly device: number;
  readonly kind: string;
  readonly time: number;
  readonly payload: Uint8Array;
}

export interface LogIndex {
  /** Inside the transaction that writes the row; seqs of a conversation come in order. */
  add(conversation: number, seq: number, id: MessageId, row: number): void;
  /** Inside the same transaction, after the last `add`: moves tails to the disk that have grown, in measure. */
  settle(added: number): void;
  /** What was added since the last commit is not in the database after all. */
  restore(): void;
  /** Moves all tails to the disk. Inside a transaction; for a clean end. */
  seal(): void;
  /** Moves the tail of a conversation to the disk. Inside a transaction; `restore` when that fails. */
  flush(conversation: number): void;
  /** Forgets where messages up to this seq are, which leave the log. Inside the same transaction, after `flush`. */
  cut(conversation: number, through: number): void;
  byId(conversation: number, id: MessageId): LogRow | null;
  newest(conversation: number): LogRow | null;
  /** The greatest of a conversation's message ids; an id beyond it is new. Empty where there is no message. */
  greatestId(conversation: number): string;
  /** Rows of `from` to `to`, both included, in order, at most `limit`. */
  range(conversation: number, from: number, to: number, limit: number): LogRow[];
}

/** Entries indexed for each message added, so that indexing keeps up and no commit does much of it. */
const indexedPerAdded = 2;
/** Rows between two notes of how far the indexes reach. */
const markEvery = 4_096;

export function createLogIndex(db: Database): LogIndex {
  const sql = prepareStatements(db);
  let marked = 0;
  let held: LogTails | null = load();

  /** After a failed commit the tails are read back when they are next needed, when the disk may be readable again. */
  function tails(): LogTails {
    held ??= load();
    return held;
  }

  function load(): LogTails {
    const loaded = new LogTails();
    marked = sql.readMark.get() ?? 0;
    for (const { id, conversation, seq, message } of sql.unindexed.iterate(marked)) {
      loaded.add(conversation, seq, idFromBytes<MessageId>(message), id);
    }
    return loaded;
  }

  function move(tail: Tail): void {
    const rows = JSON.stringify(tail.rows);
    sql.addRun.run(tail.conversation, tail.firstSeq, rows);
    sql.addIds.run(rows);
    tails().remove(tail);
  }

  function mark(every: number): void {
    const through = tails().indexedThrough;
    if (through - marked < every) return;
    sql.writeMark.run(through);
    marked = through;
  }

  function rowAt(row: number | undefined): LogRow | null {
    return (row === undefined ? undefined : sql.byRow.get(row)) ?? null;
  }

  return {
    add: (conversation, seq, id, row) => tails().add(conversation, seq, id, row),
    settle(added) {
      let budget = added * indexedPerAdded;
      for (let tail = tails().due(); tail && budget > 0; tail = tails().due()) {
        budget -= tail.rows.length;
        move(tail);
      }
      mark(markEvery);
    },
    restore() {
      held = null;
    },
    seal() {
      for (let tail = tails().oldest(); tail; tail = tails().oldest()) move(tail);
      mark(1);
    },
    flush(conversation) {
      const tail = tails().get(conversation);
      if (tail) move(tail);
    },
    cut(conversation, through) {
      for (const { first_seq, rows } of sql.runsThrough.all(conversation, through)) {
        sql.removeRun.run(conversation, first_seq);
        const left = rowList.parse(JSON.parse(rows)).slice(through + 1 - first_seq);
        if (left.length > 0) sql.addRun.run(conversation, through + 1, JSON.stringify(left));
      }
    },
    byId(conversation, id) {
      const tail = tails().get(conversation);
      const index = tail?.ids.indexOf(id) ?? -1;
      return rowAt(index >= 0 ? tail?.rows[index] : sql.rowOfId.get(conversation, idToBytes(id)));
    },
    newest(conversation) {
      return rowAt(tails().get(conversation)?.rows.at(-1) ?? sql.lastRow.get(conversation));
    },
    greatestId(conversation) {
      const onDisk = sql.greatestId.get(conversation);
      const ids = tails().get(conversation)?.ids ?? [];
      return ids.reduce<string>((greatest, id) => (id > greatest ? id : greatest), onDisk ? idFromBytes(onDisk) : '');
    },
    range(conversation, from, to, limit) {
      const tail = tails().get(conversation);
      const firstHeld = tail?.firstSeq ?? Infinity;
      const rows =
        from < firstHeld ? sql.range.all({ conversation, from, to: Math.min(to, firstHeld - 1), limit }) : [];
      const last = Math.min(to, firstHeld + (tail?.rows.length ?? 0) - 1);
      for (let seq = Math.max(from, firstHeld); seq <= last && rows.length < limit; seq++) {
        const row = rowAt(tail?.rows[seq - firstHeld]);
        if (row) rows.push(row);
      }
      return rows;
    },
  };
}

interface UnindexedRow {
  readonly id: number;
  readonly conversation: number;
  readonly seq: number;
  readonly message: Buffer;
}

const rowList = z.array(z.number().int().positive());

function prepareStatements(db: Database) {
  const columns = 'l.seq, l.message, l.user, l.device, l.kind, l.time, l.payload';
  return {
    runsThrough: db.prepare<[number, number], { first_seq: number; rows: string }>(
      'SELECT first_seq, rows FROM log_runs WHERE conversation = ? AND first_seq <= ?',
    ),
    removeRun: db.prepare<[number, number]>('DELETE FROM log_runs WHERE conversation = ? AND first_seq = ?'),
    addRun: db.prepare<[number, number, string]>('INSERT INTO log_runs VALUES (?, ?, ?)'),
    // In the order of the index: neighbours share a page.
    addIds: db.prepare<[string]>(
      `INSERT INTO log_ids SELECT l.conversation, l.message, l.id
       FROM json_each(?) list CROSS JOIN log l ON l.id = list.value ORDER BY l.message`,
    ),
    readMark: db.prepare<[], number>('SELECT through FROM log_indexed').pluck(),
    writeMark: db.prepare<[number]>('UPDATE log_indexed SET through = ?'),
    unindexed: db.prepare<[number], UnindexedRow>(
      `SELECT l.id, l.conversation, l.seq, l.message FROM log l
       WHERE l.id > ? AND NOT EXISTS (SELECT 1 FROM log_ids i WHERE i.conversation = l.conversation AND i.message = l.message)
       ORDER BY l.id`,
    ),
    byRow: db.prepare<[number], LogRow>(`SELECT ${columns} FROM log l WHERE l.id = ?`),
    rowOfId: db
      .prepare<[number, Buffer], number>('SELECT row FROM log_ids WHERE conversation = ? AND message = ?')
      .pluck(),
    lastRow: db
      .prepare<[number], number>(
        "SELECT rows ->> '$[#-1]' FROM log_runs WHERE conversation = ? ORDER BY first_seq DESC LIMIT 1",
      )
      .pluck(),
    greatestId: db
      .prepare<[number], Buffer>('SELECT message FROM log_ids WHERE conversation = ? ORDER BY message DESC LIMIT 1')
      .pluck(),
    // The loops run in the order written, so rows come by seq without being sorted.
    range: db.prepare<{ conversation: number; from: number; to: number; limit: number }, LogRow>(
      `SELECT ${columns} FROM log_runs r CROSS JOIN json_each(r.rows) list CROSS JOIN log l ON l.id = list.value
       WHERE r.conversation = @conversation AND r.first_seq <= @to AND l.seq BETWEEN @from AND @to AND r.first_seq >=
         ifnull((SELECT max(first_seq) FROM log_runs WHERE conversation = @conversation AND first_seq <= @from), 0)
       ORDER BY r.first_seq LIMIT @limit`,
    ),
  };
}
