/**
 * The statement that stores a group of messages: one round trip and one commit, whatever conversations they belong to.
 *
 * It locks the conversations in the order of their ids (so that two relays never wait for each other crosswise), and
 * stores all messages or none: none when any conversation is gone or has another epoch than the relay holds. Each
 * conversation's head is what the lock found, so numbers have no gaps whoever else appends. An id that the conversation
 * has already breaks the log's unique key, and nothing is stored either: that no message is looked for beforehand is
 * what makes the usual case cheap.
 */
import type { MessageId, ConversationId } from '../../../protocol/index.ts';
import type { NewMessage } from '../../ports/store.ts';
import type { Connection } from './connections.ts';
import { bytesList, idList, numberList, parseNumberList, textList } from './values.ts';

/** Messages of one conversation, in order, and the epoch that its members are known of. */
export interface ConversationRun {
  readonly conversation: ConversationId;
  readonly epoch: number;
  readonly messages: NewMessage[];
}

/** Of each run, in the order given: the head before its first message, and the time of all of them. */
export interface Bases {
  readonly heads: readonly number[];
  readonly times: readonly number[];
}

/**
 * $1 to $3: the conversations by id, their epochs, and how many messages each gets; $4: now. Then the messages: which of
 * the conversations, counted from 1, and which of its messages, and what there is to store.
 */
const text = `
  WITH locked AS (
    SELECT conversation_id, epoch FROM conversations
    WHERE conversation_id = ANY ($1::uuid[]) ORDER BY conversation_id FOR UPDATE
  ),
  moved AS (
    UPDATE conversations c SET head = c.head + w.count, active_at = greatest(c.active_at, $4::bigint), changed_at = now()
    FROM unnest($1::uuid[], $3::bigint[]) AS w (conversation_id, count)
    WHERE c.conversation_id = w.conversation_id
      AND (SELECT array_agg(epoch ORDER BY conversation_id) FROM locked) = $2::bigint[]
    RETURNING c.conversation_id, c.head - w.count AS base, c.active_at
  ),
  bases AS (
    SELECT array_agg(base ORDER BY conversation_id) AS heads, array_agg(active_at ORDER BY conversation_id) AS times
    FROM moved
  ),
  stored AS (
    INSERT INTO log (conversation_id, seq, message_id, user_id, device_id, kind, time, payload)
    SELECT ($1::uuid[])[m.run], heads[m.run] + m.place, m.message_id, m.user_id, m.device_id, m.kind, times[m.run], m.payload
    FROM bases, unnest($5::int[], $6::bigint[], $7::uuid[], $8::uuid[], $9::uuid[], $10::text[], $11::bytea[])
      AS m (run, place, message_id, user_id, device_id, kind, payload)
    WHERE heads IS NOT NULL
  )
  SELECT heads::text, times::text FROM bases`;

/**
 * @param runs by conversation id, each conversation once.
 * @returns null when nothing was stored since a conversation is gone or has another epoch.
 * @throws with SQLSTATE 23505 when a conversation has one of the ids already.
 */
export async function appendRuns(
  connection: Connection,
  runs: readonly ConversationRun[],
  now: number,
): Promise<Bases | null> {
  const [row] = await connection.rows<[string | null, string | null]>({
    name: 'append',
    text,
    values: parametersOf(runs, now),
  });
  const [heads, times] = row ?? [null, null];
  return heads === null || times === null ? null : { heads: parseNumberList(heads), times: parseNumberList(times) };
}

function parametersOf(runs: readonly ConversationRun[], now: number): unknown[] {
  const messages = runs.flatMap((run) => run.messages);
  const runOf: number[] = [];
  const places: number[] = [];
  for (const [index, run] of runs.entries()) {
    for (let place = 1; place <= run.messages.length; place++) {
      runOf.push(index + 1);
      places.push(place);
    }
  }
  const ids: MessageId[] = messages.map(({ id }) => id);
  return [
    idList(runs.map(({ conversation }) => conversation)),
    numberList(runs.map(({ epoch }) => epoch)),
    numberList(runs.map((run) => run.messages.length)),
    String(now),
    numberList(runOf),
    numberList(places),
    idList(ids),
    idList(messages.map(({ user }) => user)),
    idList(messages.map(({ device }) => device)),
    textList(messages.map(({ kind }) => kind)),
    bytesList(messages.map(({ payload }) => payload)),
  ];
}
