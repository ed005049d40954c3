/** Ends sessions of devices inside a transaction. */
import { sql, type Kysely } from 'kysely';
import type { DeviceId, UserId } from '../../../protocol/index.ts';
import type { Tables } from './tables.ts';
import { idList } from './values.ts';

/** @returns those whose session stood. */
export async function revokeDevices(
  db: Kysely<Tables>,
  user: UserId,
  devices: readonly DeviceId[],
  erase: boolean,
): Promise<DeviceId[]> {
  const standing = await db
    .selectFrom('devices')
    .select(['device_id', 'token_hash'])
    .where('user_id', '=', user)
    .where(sql<boolean>`device_id = ANY (${idList(devices)}::uuid[])`)
    .where('token_hash', 'is not', null)
    .orderBy('device_id')
    .forUpdate()
    .execute();
  const ended = new Set<DeviceId>();
  for (const { device_id, token_hash } of standing) {
    if (token_hash === null) continue;
    await db
      .updateTable('devices')
      .set({ token_hash: null })
      .where('user_id', '=', user)
      .where('device_id', '=', device_id)
      .execute();
    await db.deleteFrom('tokens').where('token_hash', '=', token_hash).execute();
    if (erase) await db.insertInto('revoked_tokens').values({ token_hash, user_id: user, device_id }).execute();
    ended.add(device_id);
  }
  return devices.filter((device) => ended.delete(device));
}

/** Those that are the user's, revoked or not: whom to tell when nobody knows which sessions an earlier try ended. */
export async function ownDevices(db: Kysely<Tables>, user: UserId, devices: readonly DeviceId[]): Promise<DeviceId[]> {
  const rows = await db
    .selectFrom('devices')
    .select('device_id')
    .where('user_id', '=', user)
    .where(sql<boolean>`device_id = ANY (${idList(devices)}::uuid[])`)
    .execute();
  return rows.map((row) => row.device_id);
}
