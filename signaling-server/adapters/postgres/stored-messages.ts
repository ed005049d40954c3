/** Finds which of some messages a conversation's log has already. */
import type { DeviceId, UserId } from '../../../protocol/index.ts';
import type { NewMessage } from '../../ports/store.ts';
import type { Connection } from './connections.ts';
import { idList } from './values.ts';

export interface StoredMessage {
  readonly seq: number;
  readonly time: number;
  readonly user: UserId;
  /** Whether it is the very same message: of the same device, kind and payload. */
  readonly isSame: boolean;
}

/** Payloads are read only where it matters whether they are the same. */
const text = `
  SELECT m.place, l.seq, l.time, l.user_id, l.device_id, l.kind, CASE WHEN $3::boolean THEN l.payload END
  FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS m (conversation_id, message_id, place)
  JOIN log l ON l.conversation_id = m.conversation_id AND l.message_id = m.message_id`;

type Row = [place: number, seq: number, time: number, UserId, DeviceId, kind: string, payload: Buffer | null];

/** @param compare whether `isSame` is asked for; else it is false. */
export async function findStored<M extends NewMessage>(
  connection: Connection,
  messages: readonly M[],
  compare: boolean,
): Promise<Map<M, StoredMessage>> {
  const rows = await connection.rows<Row>({
    name: 'stored-messages',
    text,
    values: [idList(messages.map((message) => message.conversation)), idList(messages.map(({ id }) => id)), compare],
  });
  const found = new Map<M, StoredMessage>();
  for (const [place, seq, time, user, device, kind, payload] of rows) {
    const message = messages[place - 1];
    if (!message) continue;
    const isSame = payload?.equals(message.payload) === true && device === message.device && kind === message.kind;
    found.set(message, { seq, time, user, isSame });
  }
  return found;
}
