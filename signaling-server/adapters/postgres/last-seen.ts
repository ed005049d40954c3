/** Remembers when devices and their users were last seen: many in one statement. */
import type { DeviceStore } from '../../ports/store.ts';
import type { Connection } from './connections.ts';
import type { Database } from './database.ts';
import { touchOneByOne } from './one-by-one.ts';
import { idList, numberList } from './values.ts';

/** Rows are locked in the order of their keys, so that relays that report the same people never wait crosswise. */
const text = `
  WITH seen AS (
    SELECT user_id, device_id, max(at) AS at
    FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS s (user_id, device_id, at) GROUP BY user_id, device_id
  ),
  users_seen AS (SELECT user_id, max(at) AS at FROM seen GROUP BY user_id),
  locked_users AS (
    SELECT u.user_id FROM users u JOIN users_seen s ON s.user_id = u.user_id
    WHERE u.last_active_at IS NULL OR u.last_active_at < s.at ORDER BY u.user_id FOR UPDATE OF u
  ),
  locked_devices AS (
    SELECT d.user_id, d.device_id FROM devices d JOIN seen s ON s.user_id = d.user_id AND s.device_id = d.device_id
    WHERE d.last_active_at < s.at AND (SELECT count(*) FROM locked_users) >= 0
    ORDER BY d.user_id, d.device_id FOR UPDATE OF d
  ),
  touched AS (
    UPDATE users u SET last_active_at = greatest(u.last_active_at, s.at)
    FROM users_seen s, locked_users l WHERE u.user_id = s.user_id AND l.user_id = u.user_id
  )
  UPDATE devices d SET last_active_at = greatest(d.last_active_at, s.at)
  FROM seen s, locked_devices l
  WHERE d.user_id = s.user_id AND d.device_id = s.device_id AND l.user_id = d.user_id AND l.device_id = d.device_id`;

type Seen = Parameters<DeviceStore['touch']>[0];

/** @param seen of any people, in any order, also several times the same. */
export async function touchDevices(database: Database, seen: Seen): Promise<void> {
  if (seen.length === 0) return;
  const touch = database.engine.writesAcrossKeys ? touchAll : touchOneByOne;
  await database.direct({ name: 'devices.touch', repeatable: true }, (connection) => touch(connection, seen));
}

async function touchAll(connection: Connection, seen: Seen): Promise<void> {
  const users = idList(seen.map(({ user }) => user));
  const devices = idList(seen.map(({ device }) => device));
  await connection.rows({
    name: 'touch-devices',
    text,
    values: [users, devices, numberList(seen.map(({ at }) => at))],
  });
}
