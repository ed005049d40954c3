/** Walks through the log from its beginning: numbers, ids, senders and times of each conversation, and its chain. */
import type { Database } from 'better-sqlite3';
import { chainFormat, type ConversationId, type DeviceId, type MessageId } from '../../../protocol/index.ts';
import { idFromBytes } from '../../adapters/sqlite/ids.ts';
import { firstLink, nextLink } from '../../relay/fold.ts';
import type { Claims } from './read-claims.ts';
import type { Differences } from './differences.ts';

/** How far a conversation was walked. */
export interface Walked {
  readonly id: ConversationId;
  seq: number;
  /** Null once it cannot be compared any more. */
  link: Uint8Array | null;
  time: number;
  /** The last seq that the indexes must have. */
  indexed: number;
  /** The newest of its segments outside the database; null when it has none. */
  readonly cold: ColdEnd | null;
  /** The last seq that is in segments alone. */
  coldThrough: number;
}

/** Where a segment lies in its conversation, and the chain's link at its end. */
interface ColdEnd {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly link: Uint8Array;
}

/** What is wrong with messages themselves, with their chains, and with what devices say of them. */
export interface LogDifferences {
  readonly messages: Differences;
  readonly chains: Differences;
  readonly devices: Differences;
}

export interface LogRange {
  /** Conversations by their row. */
  readonly from: number;
  readonly to: number;
  /** The last row of the log to look at, and the last one that is in the indexes for sure. */
  readonly upTo: number;
  readonly through: number;
}

interface LogRow {
  readonly id: number;
  readonly conversation: number;
  readonly seq: number;
  readonly message: Buffer;
  readonly user: number;
  readonly device: number;
  readonly time: number;
  readonly payload: Uint8Array;
  /** The row that the index has for this id. */
  readonly indexed: number | null;
}

const rowsAtOnce = 256;

/** In pages, so that a relay that runs beside is not kept from emptying its write-ahead log. */
export function walkLog(db: Database, range: LogRange, claims: Claims, differences: LogDifferences) {
  const page = db.prepare<{ after: number } & LogRange, LogRow>(
    `SELECT l.id, l.conversation, l.seq, l.message, l.user, l.device, l.time, l.payload, i.row AS indexed
     FROM log l LEFT JOIN log_ids i ON i.conversation = l.conversation AND i.message = l.message
     WHERE l.id > @after AND l.id <= @upTo AND l.conversation BETWEEN @from AND @to
     ORDER BY l.id LIMIT ${rowsAtOnce}`,
  );
  const senders = createSenders(db);
  const conversations = readConversations(db, range);
  const unindexed = new Set<string>();
  const walk = { messages: 0, checkpoints: 0, cold: 0, conversations };

  for (let rows = page.all({ after: 0, ...range }); rows.length > 0;) {
    for (const row of rows) visit(row);
    rows = page.all({ ...range, after: rows.at(-1)?.id ?? range.upTo });
  }
  return walk;

  function visit(row: LogRow): void {
    walk.messages += 1;
    const walked = conversations.get(row.conversation);
    const device = senders.of(row.device, row.user);
    if (!walked) return differences.messages.add(`row ${row.id} belongs to a conversation that is not there`);
    const name = `message ${row.seq} of ${walked.id}`;
    if (device === null) differences.messages.add(`${name} has no sender that is there`);
    startBehindSegments(walked, row.seq);
    if (row.seq !== walked.seq + 1) differences.messages.add(`${name} comes after message ${walked.seq}`);
    if (row.time < walked.time) differences.messages.add(`${name} is earlier than the one before`);
    if (isTwice(row)) differences.messages.add(`${name} has an id that another one has, or none in the index`);
    fold(walked, row, device);
    walked.seq = row.seq;
    walked.time = row.time;
    if (row.id <= range.through) walked.indexed = row.seq;
  }

  /** What left the log for segments is not missing, and the chain goes on at their end. */
  function startBehindSegments(walked: Walked, seq: number): void {
    const { cold } = walked;
    if (cold === null || walked.seq > 0 || seq === 1 || seq > cold.lastSeq + 1) return;
    walked.seq = walked.coldThrough = seq - 1;
    // In the middle of a segment that is leaving the log the link is not known before its end.
    walked.link = seq === cold.lastSeq + 1 ? cold.link : null;
    walk.cold += walked.coldThrough;
  }

  /** Every row up to `through` is in the index, under its id alone; of later ones some are. */
  function isTwice({ id, indexed, conversation, message }: LogRow): boolean {
    if (indexed !== null || id <= range.through) return indexed !== id;
    const key = `${conversation} ${message.toString('latin1')}`;
    if (unindexed.has(key)) return true;
    unindexed.add(key);
    return false;
  }

  function fold(walked: Walked, { conversation, seq, message, payload }: LogRow, device: DeviceId | null): void {
    if (device === null || seq !== walked.seq + 1) walked.link = null;
    if (walked.link === null && walked.coldThrough > 0 && seq === walked.cold?.lastSeq) walked.link = walked.cold.link;
    else if (walked.link === null || device === null) return;
    else walked.link = nextLink(walked.link, { seq, device, id: idFromBytes<MessageId>(message), payload });
    compare(walked, conversation, seq, walked.link);
  }

  function compare(walked: Walked, conversation: number, seq: number, link: Uint8Array): void {
    for (const said of claims.signedOff(conversation, seq)) {
      if (!said.link.equals(link)) differences.devices.add(`device ${said.device} holds another ${walked.id}`);
    }
    const kept = seq % chainFormat.checkpointEvery === 0 ? claims.checkpoint(conversation, seq) : undefined;
    if (kept === undefined) return;
    walk.checkpoints += 1;
    if (kept.equals(link)) return;
    const since = seq - chainFormat.checkpointEvery + 1;
    differences.chains.add(`messages ${since} to ${seq} of ${walked.id} are not those that were accepted`);
    walked.link = null;
  }
}

function readConversations(db: Database, { from, to }: LogRange): Map<number, Walked> {
  const rows = db
    .prepare<[number, number], { id: number; public_id: Buffer }>(
      'SELECT id, public_id FROM conversations WHERE id BETWEEN ? AND ?',
    )
    .all(from, to);
  const segment = db.prepare<[number], { first_seq: number; last_seq: number; link: Buffer }>(
    'SELECT first_seq, last_seq, link FROM cold_segments WHERE conversation = ? ORDER BY first_seq DESC LIMIT 1',
  );
  return new Map(
    rows.map(({ id: key, public_id }) => {
      const id = idFromBytes<ConversationId>(public_id);
      const newest = segment.get(key);
      const cold = newest ? { firstSeq: newest.first_seq, lastSeq: newest.last_seq, link: newest.link } : null;
      return [key, { id, seq: 0, link: firstLink(id), time: 0, indexed: 0, cold, coldThrough: 0 }];
    }),
  );
}

/** Devices by their row, where they are the user's. */
function createSenders(db: Database) {
  const select = db.prepare<[number], { public_id: Buffer; user: number }>(
    'SELECT public_id, user FROM devices WHERE id = ?',
  );
  const known = new Map<number, { id: DeviceId; user: number } | null>();
  return {
    of(device: number, user: number): DeviceId | null {
      let found = known.get(device);
      if (found === undefined) {
        const row = select.get(device);
        found = row ? { id: idFromBytes<DeviceId>(row.public_id), user: row.user } : null;
        known.set(device, found);
      }
      return found?.user === user ? found.id : null;
    },
  };
}
