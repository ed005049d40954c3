/**
 * What messages, cursors and last-seen times take where a statement may write rows of one key alone (Citus): the same as
 * their one statement does elsewhere, key by key in the same order, in one transaction.
 */
import type { ConversationId, DeviceId, UserId } from '../../../protocol/index.ts';
import type { Bases, ConversationRun } from './append-statement.ts';
import type { Connection } from './connections.ts';
import { bytesList, idList, textList } from './values.ts';

/** @returns null for what came to nothing: then nothing was changed. */
export async function inTransaction<T>(connection: Connection, work: () => Promise<T | null>): Promise<T | null> {
  await connection.query({ text: 'BEGIN' });
  try {
    const value = await work();
    await connection.query({ text: value === null ? 'ROLLBACK' : 'COMMIT' });
    return value;
  } catch (cause) {
    await connection.query({ text: 'ROLLBACK' }).catch(() => {});
    throw cause;
  }
}

const append = {
  lock: {
    name: 'append-lock',
    text: `SELECT head, active_at FROM conversations WHERE conversation_id = $1::uuid AND epoch = $2::bigint FOR UPDATE`,
  },
  move: {
    name: 'append-move',
    text: `UPDATE conversations SET head = $2::bigint, active_at = $3::bigint, changed_at = now()
      WHERE conversation_id = $1::uuid`,
  },
  store: {
    name: 'append-store',
    text: `INSERT INTO log (conversation_id, seq, message_id, user_id, device_id, kind, time, payload)
      SELECT $1::uuid, $2::bigint + m.place, m.message_id, m.user_id, m.device_id, m.kind, $3::bigint, m.payload
      FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::bytea[])
        WITH ORDINALITY AS m (message_id, user_id, device_id, kind, payload, place)`,
  },
};

/** As `appendRuns`. */
export function appendOneByOne(
  connection: Connection,
  runs: readonly ConversationRun[],
  now: number,
): Promise<Bases | null> {
  return inTransaction(connection, async () => {
    const bases = { heads: [] as number[], times: [] as number[] };
    for (const { conversation, epoch, messages } of runs) {
      const [row] = await connection.rows<[number, number]>({ ...append.lock, values: [conversation, epoch] });
      if (!row) return null;
      const [head, time] = [row[0], Math.max(row[1], now)];
      await connection.rows({ ...append.move, values: [conversation, head + messages.length, time] });
      const lists = [
        idList(messages.map(({ id }) => id)),
        idList(messages.map(({ user }) => user)),
        idList(messages.map(({ device }) => device)),
        textList(messages.map(({ kind }) => kind)),
        bytesList(messages.map(({ payload }) => payload)),
      ];
      await connection.rows({ ...append.store, values: [conversation, head, time, ...lists] });
      bases.heads.push(head);
      bases.times.push(time);
    }
    return bases;
  });
}

export interface WantedCursor {
  readonly conversation: ConversationId;
  readonly user: UserId;
  /** As far as read at least. */
  readonly delivered: number;
  readonly read: number;
}

export type CursorRow = [ConversationId, UserId, delivered: number, read: number, head: number, epoch: number];

const cursors = {
  lock: {
    name: 'cursor-lock',
    text: `SELECT m.conversation_id, m.user_id, m.delivered, m.read, c.head, c.epoch
      FROM members m JOIN conversations c ON c.conversation_id = m.conversation_id
      WHERE m.conversation_id = $1::uuid AND m.user_id = $2::uuid FOR UPDATE OF m`,
  },
  move: {
    name: 'cursor-move',
    text: `UPDATE members SET delivered = greatest(delivered, $3::bigint), read = greatest(read, $4::bigint)
      WHERE conversation_id = $1::uuid AND user_id = $2::uuid`,
  },
};

/** @returns where the cursors stood before, each once. */
export async function advanceOneByOne(connection: Connection, moves: readonly WantedCursor[]): Promise<CursorRow[]> {
  const ofKeys = new Map<string, WantedCursor[]>();
  for (const move of moves) {
    const key = move.conversation + move.user;
    ofKeys.set(key, [...(ofKeys.get(key) ?? []), move]);
  }
  const inOrder = [...ofKeys].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, wanted]) => wanted);
  const rows = await inTransaction(connection, async () => {
    const before: CursorRow[] = [];
    for (const wanted of inOrder) before.push(...(await advanceOne(connection, wanted)));
    return before;
  });
  return rows ?? [];
}

async function advanceOne(connection: Connection, wanted: readonly WantedCursor[]): Promise<CursorRow[]> {
  const key = [wanted[0]?.conversation, wanted[0]?.user];
  const rows = await connection.rows<CursorRow>({ ...cursors.lock, values: key });
  const [row] = rows;
  const possible = wanted.filter(({ delivered }) => row && delivered <= row[4]);
  if (possible.length > 0) {
    const most = (of: (cursor: WantedCursor) => number): number => Math.max(...possible.map(of));
    const values = [...key, most(({ delivered }) => delivered), most(({ read }) => read)];
    await connection.rows({ ...cursors.move, values });
  }
  return rows;
}

const touch = {
  user: {
    name: 'touch-user',
    text: 'UPDATE users SET last_active_at = greatest(last_active_at, $2::bigint) WHERE user_id = $1::uuid',
  },
  device: {
    name: 'touch-device',
    text: `UPDATE devices SET last_active_at = greatest(last_active_at, $3::bigint)
      WHERE user_id = $1::uuid AND device_id = $2::uuid`,
  },
};

export async function touchOneByOne(
  connection: Connection,
  seen: readonly { device: DeviceId; user: UserId; at: number }[],
): Promise<void> {
  const inOrder = [...seen].sort((a, b) => (a.user + a.device < b.user + b.device ? -1 : 1));
  await inTransaction(connection, async () => {
    for (const { user, at } of inOrder) await connection.rows({ ...touch.user, values: [user, at] });
    for (const { user, device, at } of inOrder) await connection.rows({ ...touch.device, values: [user, device, at] });
    return true;
  });
}
