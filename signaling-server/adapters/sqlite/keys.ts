/** Finds the small integers by which rows refer to users and devices, and the public ids behind them. */
import type { Database } from 'better-sqlite3';
import type { DeviceId, UserId } from '../../../protocol/index.ts';
import { idFromBytes, idToBytes } from './ids.ts';
import { Recent } from '../../runtime/recent.ts';

export interface Keys {
  ofUser(user: UserId): number | null;
  ofDevice(device: DeviceId): number | null;
  userOf(key: number): UserId;
  deviceOf(key: number): DeviceId;
}

const remembered = 50_000;

/** Rows of these tables are never deleted and their ids never change, so what was found once stays true. */
export function createKeys(db: Database): Keys {
  const users = createLookup<UserId>(db, 'users');
  const devices = createLookup<DeviceId>(db, 'devices');
  return { ofUser: users.keyOf, ofDevice: devices.keyOf, userOf: users.idOf, deviceOf: devices.idOf };
}

function createLookup<Id extends string>(db: Database, table: 'users' | 'devices') {
  const selectKey = db.prepare<[Buffer], number>(`SELECT id FROM ${table} WHERE public_id = ?`).pluck();
  const selectId = db.prepare<[number], Buffer>(`SELECT public_id FROM ${table} WHERE id = ?`).pluck();
  const keys = new Recent<Id, number>(remembered);
  const ids = new Recent<number, Id>(remembered);

  return {
    keyOf(id: Id): number | null {
      const known = keys.get(id);
      if (known !== undefined) return known;
      const key = selectKey.get(idToBytes(id));
      if (key === undefined) return null;
      keys.set(id, key);
      return key;
    },
    idOf(key: number): Id {
      const known = ids.get(key);
      if (known !== undefined) return known;
      const bytes = selectId.get(key);
      if (!bytes) throw new Error(`The ${table} table has no row ${key} although a message names it.`);
      const id = idFromBytes<Id>(bytes);
      ids.set(key, id);
      return id;
    },
  };
}
