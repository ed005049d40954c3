/** Which messages lie in segments outside the database, and how they leave the log. */
import type { Kysely, Selectable } from 'kysely';
import type { ConversationId } from '../../../protocol/index.ts';
import type { ColdCatalogue, ColdSegment } from '../../ports/cold.ts';
import type { Database } from './database.ts';
import type { ColdSegmentTable, Tables } from './tables.ts';

/** Messages that leave the log in one commit, so that none takes long. */
const prunedAtOnce = 1_000;

export function createColdCatalogue(database: Database): ColdCatalogue {
  const reading = (name: string) => ({ name: `cold.${name}`, repeatable: true });

  const at = (conversation: ConversationId, firstSeq: number): Promise<ColdSegment | null> =>
    database.ask(reading('at'), async (db) =>
      toSegment(await segmentsOf(db, conversation).where('first_seq', '=', firstSeq).executeTakeFirst()),
    );

  return {
    note: (segment) => database.ask({ name: 'cold.note', repeatable: false }, (db) => insert(db, segment)),
    async prune(conversation, firstSeq) {
      const segment = await at(conversation, firstSeq);
      if (segment === null || segment.pruned) return;
      for (let from = firstSeq; from <= segment.lastSeq; from += prunedAtOnce) {
        const to = Math.min(from + prunedAtOnce - 1, segment.lastSeq);
        await database.transact(reading('prune'), (db) => pruneSome(db, segment, from, to));
      }
    },
    last: (conversation) =>
      database.ask(reading('last'), async (db) =>
        toSegment(await segmentsOf(db, conversation).orderBy('first_seq', 'desc').limit(1).executeTakeFirst()),
      ),
    async holding(conversation, seq) {
      const segment = await database.ask(reading('holding'), async (db) =>
        toSegment(
          await segmentsOf(db, conversation)
            .where('first_seq', '<=', seq)
            .orderBy('first_seq', 'desc')
            .limit(1)
            .executeTakeFirst(),
        ),
      );
      return segment && segment.lastSeq >= seq ? segment : null;
    },
    async mayHold(conversation, id) {
      const rows = await database.ask(reading('mayHold'), (db) =>
        segmentsOf(db, conversation)
          .where('least_id', '<=', id)
          .where('greatest_id', '>=', id)
          .orderBy('first_seq')
          .execute(),
      );
      return rows.flatMap((row) => toSegment(row) ?? []);
    },
    async conversations(after, limit) {
      const rows = await database.ask(reading('conversations'), (db) => {
        const page = db.selectFrom('conversations').select('conversation_id').orderBy('conversation_id').limit(limit);
        return (after === null ? page : page.where('conversation_id', '>', after)).execute();
      });
      return rows.map((row) => row.conversation_id);
    },
    async any() {
      const row = await database.ask(reading('any'), (db) =>
        db.selectFrom('cold_segments').select('first_seq').limit(1).executeTakeFirst(),
      );
      return row !== undefined;
    },
  };
}

function segmentsOf(db: Kysely<Tables>, conversation: ConversationId) {
  return db.selectFrom('cold_segments').selectAll().where('conversation_id', '=', conversation);
}

async function insert(db: Kysely<Tables>, segment: Omit<ColdSegment, 'pruned'>): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('cold_segments')
    .values({
      conversation_id: segment.conversation,
      first_seq: segment.firstSeq,
      last_seq: segment.lastSeq,
      object: segment.object,
      bytes: segment.bytes,
      hash: segment.hash,
      link: segment.link,
      least_id: segment.leastId,
      greatest_id: segment.greatestId,
      noted_at: segment.notedAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/** The mark comes in the commit that takes the last of it. */
async function pruneSome(db: Kysely<Tables>, segment: ColdSegment, from: number, to: number): Promise<void> {
  await db
    .deleteFrom('log')
    .where('conversation_id', '=', segment.conversation)
    .where('seq', '>=', from)
    .where('seq', '<=', to)
    .execute();
  if (to < segment.lastSeq) return;
  await db
    .updateTable('cold_segments')
    .set({ pruned: true })
    .where('conversation_id', '=', segment.conversation)
    .where('first_seq', '=', segment.firstSeq)
    .execute();
}

function toSegment(row: Selectable<ColdSegmentTable> | undefined): ColdSegment | null {
  if (!row) return null;
  return {
    conversation: row.conversation_id,
    firstSeq: row.first_seq,
    lastSeq: row.last_seq,
    object: row.object,
    bytes: row.bytes,
    hash: row.hash,
    link: row.link,
    leastId: row.least_id,
    greatestId: row.greatest_id,
    notedAt: row.noted_at,
    pruned: row.pruned,
  };
}
