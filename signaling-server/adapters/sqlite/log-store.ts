/** The log of messages: appended in groups, read by conversation and seq. */
import type { Database } from 'better-sqlite3';
import type { Envelope, MessageId } from '../../../protocol/index.ts';
import type { AppendOutcome, LogStore, NewMessage } from '../../ports/store.ts';
import { memberOf, type ConversationCache, type HeldConversation } from './conversation-cache.ts';
import { idFromBytes, idToBytes } from './ids.ts';
import type { Keys } from './keys.ts';
import type { LogIndex, LogRow } from './log-index.ts';
import type { Writer } from './writer.ts';

interface Deps {
  readonly db: Database;
  readonly writer: Writer;
  readonly keys: Keys;
  readonly cache: ConversationCache;
  readonly index: LogIndex;
}

/**
 * Rows fetched at once: a few to learn how large payloads are here, then as many as probably fit. What goes past
 * `maxBytes` was read for nothing, and with payloads of 60 KiB that once was thirty times what was sent.
 */
const rowsAtOnce = { first: 8, most: 128 } as const;

export function createLogStore({ db, writer, keys, cache, index }: Deps): LogStore {
  const appendOne = createAppender({ db, keys, cache, index });

  function toEnvelope({ seq, message, user, device, kind, time, payload }: LogRow): Envelope {
    const id = idFromBytes<MessageId>(message);
    return { seq, id, user: keys.userOf(user), device: keys.deviceOf(device), kind, time, payload };
  }

  return {
    append(messages, now) {
      const touched = new Set<HeldConversation>();
      return writer.join({
        work() {
          const outcomes = messages.map((message) => appendOne(message, now, touched));
          index.settle(messages.length);
          return outcomes;
        },
        undo() {
          for (const conversation of touched) cache.drop(conversation);
          index.restore();
        },
      });
    },
    async read(id, { from, to, limit, maxBytes }) {
      const conversation = cache.find(id);
      const found: Envelope[] = [];
      let bytes = 0;
      let next = from;
      while (conversation && found.length < limit && next <= to) {
        const fitting = found.length === 0 ? rowsAtOnce.first : Math.ceil((maxBytes - bytes) / (bytes / found.length));
        const wanted = Math.min(rowsAtOnce.most, limit - found.length, Math.max(1, fitting));
        const rows = index.range(conversation.key, next, to, wanted);
        for (const row of rows) {
          bytes += row.payload.byteLength;
          if (bytes > maxBytes && found.length > 0) return found;
          found.push(toEnvelope(row));
          next = row.seq + 1;
        }
        if (rows.length < wanted) break;
      }
      return found;
    },
  };
}

type AppendOne = (message: NewMessage, now: number, touched: Set<HeldConversation>) => AppendOutcome;

function createAppender({ db, keys, cache, index }: Omit<Deps, 'writer'>): AppendOne {
  const insert = db.prepare<[number, number, Buffer, number, number, string, number, Uint8Array]>(
    'INSERT INTO log (conversation, seq, message, user, device, kind, time, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );

  /** What became of this id before, if it was stored. Ids grow with time (UUIDv7), so most need no look-up. */
  function earlier({ key, greatestId, users }: HeldConversation, id: MessageId, user: number): AppendOutcome | null {
    if (id > greatestId) return null;
    const row = index.byId(key, id);
    if (!row) return null;
    if (row.user !== user) return { state: 'refused', code: 'message_id_taken' };
    return { state: 'repeated', seq: row.seq, time: row.time, members: users };
  }

  return (message, now, touched) => {
    const conversation = cache.find(message.conversation);
    const member = conversation && memberOf(conversation, message.user);
    const device = member && keys.ofDevice(message.device);
    if (!conversation || !member || !device) return { state: 'refused', code: 'not_found' };

    const { id } = message;
    const { key, epoch } = conversation;
    const known = earlier(conversation, id, member.key);
    if (known) return known;
    if (message.epoch !== epoch) return { state: 'refused', code: 'stale_epoch', epoch };

    const seq = conversation.head + 1;
    const time = Math.max(now, conversation.activeAt);
    touched.add(conversation);
    const { lastInsertRowid } = insert.run(
      key,
      seq,
      idToBytes(id),
      member.key,
      device,
      message.kind,
      time,
      message.payload,
    );
    index.add(key, seq, id, Number(lastInsertRowid));
    conversation.head = seq;
    conversation.activeAt = time;
    if (id > conversation.greatestId) conversation.greatestId = id;
    return { state: 'accepted', seq, time, members: conversation.users };
  };
}
