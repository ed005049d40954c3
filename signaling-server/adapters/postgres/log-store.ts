/** The log of messages: appended in groups, read by conversation and seq. */
import type { DeviceId, Envelope, MessageId, UserId } from '../../../protocol/index.ts';
import type { RelayMetrics } from '../../ports/metrics.ts';
import type { LogStore } from '../../ports/store.ts';
import { createAppend } from './append.ts';
import type { Act, Database } from './database.ts';
import type { MembersCache } from './members-cache.ts';

interface Deps {
  readonly database: Database;
  readonly members: MembersCache;
  readonly metrics: RelayMetrics;
}

type Row = [seq: number, MessageId, UserId, DeviceId, kind: string, time: number, payload: Buffer];

/** Lengths are summed up before any payload is fetched: what goes past the bytes asked for is not read. */
const page = {
  name: 'log-page',
  text: `
  SELECT seq, message_id, user_id, device_id, kind, time, payload FROM (
    SELECT *, sum(octet_length(payload)) OVER (ORDER BY seq) AS bytes, row_number() OVER (ORDER BY seq) AS place FROM (
      SELECT * FROM log WHERE conversation_id = $1::uuid AND seq >= $2::bigint AND seq <= $3::bigint
      ORDER BY seq LIMIT $4::bigint
    ) AS wanted
  ) AS counted
  WHERE place = 1 OR bytes <= $5::bigint ORDER BY seq`,
};

const read: Act = { name: 'log.read', repeatable: true };

export function createLogStore({ database, members, metrics }: Deps): LogStore {
  const trip = createTripTime();
  metrics.gauge('parley_database_append_ms', 'Time of a commit of messages, there and back, lately.', trip.value);

  return {
    append: createAppend({ database, members, onStored: trip.add }),
    async read(conversation, { from, to, limit, maxBytes }) {
      const values = [conversation, from, to, limit, Math.floor(maxBytes)];
      const rows = await database.direct(read, (connection) => connection.rows<Row>({ ...page, values }));
      return rows.map(toEnvelope);
    },
  };
}

function toEnvelope([seq, id, user, device, kind, time, payload]: Row): Envelope {
  return { seq, id, user, device, kind, time, payload };
}

/** A mean in which what is new counts most. */
function createTripTime() {
  let mean = 0;
  return {
    value: () => mean,
    add(ms: number) {
      mean = mean === 0 ? ms : mean * 0.9 + ms * 0.1;
    },
  };
}
