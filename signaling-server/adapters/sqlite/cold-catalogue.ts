/** Which messages lie in segments outside the database, and how they leave the log. */
import type { Database } from 'better-sqlite3';
import type { ConversationId, MessageId } from '../../../protocol/index.ts';
import type { ColdCatalogue, ColdSegment } from '../../ports/cold.ts';
import type { ConversationCache } from './conversation-cache.ts';
import { idFromBytes, idToBytes } from './ids.ts';
import type { LogIndex } from './log-index.ts';
import type { Writer } from './writer.ts';

interface Deps {
  readonly db: Database;
  readonly writer: Writer;
  readonly cache: ConversationCache;
  readonly index: LogIndex;
}

interface SegmentRow {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly object: string;
  readonly bytes: number;
  readonly hash: Buffer;
  readonly link: Buffer;
  readonly least_id: Buffer;
  readonly greatest_id: Buffer;
  readonly noted_at: number;
  readonly pruned: number;
}

/** Messages that leave the log in one commit, so that none holds the others up for long. */
const prunedAtOnce = 256;

export function createColdCatalogue({ db, writer, cache, index }: Deps): ColdCatalogue {
  const rows = prepareStatements(db);

  function toSegment(conversation: ConversationId, row: SegmentRow): ColdSegment {
    return {
      conversation,
      firstSeq: row.first_seq,
      lastSeq: row.last_seq,
      object: row.object,
      bytes: row.bytes,
      hash: row.hash,
      link: row.link,
      leastId: idFromBytes<MessageId>(row.least_id),
      greatestId: idFromBytes<MessageId>(row.greatest_id),
      notedAt: row.noted_at,
      pruned: row.pruned === 1,
    };
  }

  function find(conversation: ConversationId, ask: (key: number) => SegmentRow | undefined): ColdSegment | null {
    const held = cache.find(conversation);
    const row = held ? ask(held.key) : undefined;
    return row ? toSegment(conversation, row) : null;
  }

  /** @returns whether that was the last of it. */
  function pruneSome(key: number, { firstSeq, lastSeq }: ColdSegment): boolean {
    index.flush(key);
    const places = rows.places.all(key, firstSeq, lastSeq);
    const leaving = JSON.stringify(places.map(({ id }) => id));
    const through = places.at(-1)?.seq ?? lastSeq;
    rows.removeIds.run(key, leaving);
    rows.removeMessages.run(leaving);
    index.cut(key, through);
    const isLast = through >= lastSeq;
    if (isLast) rows.setPruned.run(key, firstSeq);
    return isLast;
  }

  return {
    async note(segment) {
      const held = cache.find(segment.conversation);
      if (held === null) return false;
      const { firstSeq, lastSeq, object, bytes, leastId, greatestId, notedAt } = segment;
      const ids = [idToBytes(leastId), idToBytes(greatestId)] as const;
      const range = [held.key, firstSeq, lastSeq] as const;
      return writer.run(
        () => rows.add.run(...range, object, bytes, segment.hash, segment.link, ...ids, notedAt).changes === 1,
      );
    },
    async prune(conversation, firstSeq) {
      const held = cache.find(conversation);
      const segment = find(conversation, (key) => rows.at.get(key, firstSeq));
      if (held === null || segment === null || segment.pruned) return;
      for (let isDone = false; !isDone;) {
        isDone = await writer
          .run(() => pruneSome(held.key, segment))
          .catch((error: unknown) => {
            index.restore();
            throw error;
          });
        // Everybody else's turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    last: async (conversation) => find(conversation, (key) => rows.last.get(key)),
    holding: async (conversation, seq) => find(conversation, (key) => rows.holding.get({ key, seq })),
    async mayHold(conversation, id) {
      const held = cache.find(conversation);
      if (held === null) return [];
      return rows.mayHold.all({ key: held.key, id: idToBytes(id) }).map((row) => toSegment(conversation, row));
    },
    async conversations(after, limit) {
      return rows.conversations
        .all(after === null ? Buffer.alloc(0) : idToBytes(after), limit)
        .map((id) => idFromBytes<ConversationId>(id));
    },
    any: async () => rows.any.get() !== undefined,
  };
}

function prepareStatements(db: Database) {
  const columns =
    'first_seq, last_seq, object, bytes, hash, link, least_id, greatest_id, noted_at, pruned FROM cold_segments';
  return {
    add: db.prepare<[number, number, number, string, number, Uint8Array, Uint8Array, Buffer, Buffer, number]>(
      'INSERT INTO cold_segments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING',
    ),
    at: db.prepare<[number, number], SegmentRow>(`SELECT ${columns} WHERE conversation = ? AND first_seq = ?`),
    last: db.prepare<[number], SegmentRow>(`SELECT ${columns} WHERE conversation = ? ORDER BY first_seq DESC LIMIT 1`),
    holding: db.prepare<{ key: number; seq: number }, SegmentRow>(
      `SELECT * FROM (SELECT ${columns} WHERE conversation = @key AND first_seq <= @seq ORDER BY first_seq DESC LIMIT 1)
       WHERE last_seq >= @seq`,
    ),
    mayHold: db.prepare<{ key: number; id: Buffer }, SegmentRow>(
      `SELECT ${columns} WHERE conversation = @key AND least_id <= @id AND greatest_id >= @id ORDER BY first_seq`,
    ),
    setPruned: db.prepare<[number, number]>(
      'UPDATE cold_segments SET pruned = 1 WHERE conversation = ? AND first_seq = ?',
    ),
    places: db.prepare<[number, number, number], { id: number; seq: number }>(
      `SELECT l.id, l.seq FROM log_runs r CROSS JOIN json_each(r.rows) list CROSS JOIN log l ON l.id = list.value
       WHERE r.conversation = ? AND l.seq BETWEEN ? AND ? ORDER BY r.first_seq LIMIT ${prunedAtOnce}`,
    ),
    removeIds: db.prepare<[number, string]>(
      `DELETE FROM log_ids WHERE conversation = ? AND message IN
         (SELECT l.message FROM json_each(?) list CROSS JOIN log l ON l.id = list.value)`,
    ),
    removeMessages: db.prepare<[string]>('DELETE FROM log WHERE id IN (SELECT value FROM json_each(?))'),
    conversations: db
      .prepare<[Buffer, number], Buffer>(
        'SELECT public_id FROM conversations WHERE public_id > ? ORDER BY public_id LIMIT ?',
      )
      .pluck(),
    any: db.prepare<[], number>('SELECT 1 FROM cold_segments LIMIT 1').pluck(),
  };
}
