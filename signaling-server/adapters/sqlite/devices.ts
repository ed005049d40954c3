/** Devices: where an account is logged in, and when it was last seen there. */
import type { Database } from 'better-sqlite3';
import { ParleyError, type DeviceId, type UserId } from '../../../protocol/index.ts';
import type { DeviceStore, SecretHash, StoredDevice } from '../../ports/store.ts';
import { idFromBytes, idToBytes } from './ids.ts';
import type { Keys } from './keys.ts';
import type { Writer } from './writer.ts';

interface Deps {
  readonly db: Database;
  readonly writer: Writer;
  readonly keys: Keys;
}

interface DeviceRow {
  readonly public_id: Buffer;
  readonly user_id: Buffer;
  readonly name: string;
  readonly platform: string;
  readonly created_at: number;
  readonly last_active_at: number;
  readonly generation: number;
  readonly username: string;
  readonly display_name: string;
}

/** Revoked devices have no token any more and are left out of every answer. */
const select = `
  SELECT d.public_id, u.public_id AS user_id, d.name, d.platform, d.created_at, d.last_active_at, d.generation,
    u.username, u.display_name
  FROM devices d JOIN users u ON u.id = d.user WHERE d.token_hash IS NOT NULL`;

export function createDeviceStore({ db, writer, keys }: Deps): DeviceStore {
  const byToken = db.prepare<[SecretHash], DeviceRow>(`${select} AND d.token_hash = ? AND u.disabled = 0`);
  const byId = db.prepare<[Buffer], DeviceRow>(`${select} AND d.public_id = ?`);
  const ofUser = db.prepare<[number], DeviceRow>(`${select} AND d.user = ? ORDER BY d.created_at, d.id`);
  const enabledOf = db
    .prepare<[number], Buffer>(
      `SELECT d.public_id FROM devices d JOIN users u ON u.id = d.user
       WHERE d.user = ? AND d.token_hash IS NOT NULL AND u.disabled = 0`,
    )
    .pluck();
  const revokedToken = db.prepare<[SecretHash], number>('SELECT 1 FROM revoked_tokens WHERE token_hash = ?').pluck();
  const write = prepareWrites(db);
  const lastActive = db.prepare<[number], number | null>('SELECT last_active_at FROM users WHERE id = ?').pluck();

  return {
    create: (device) =>
      writer.run(() => {
        const user = keys.ofUser(device.user) ?? unknown();
        write.insert.run({ ...device, id: idToBytes(device.id), user });
        write.touchUser.run(device.lastActiveAt, user);
      }),
    async byToken(tokenHash) {
      const row = byToken.get(tokenHash);
      if (!row) return null;
      const device = toDevice(row);
      return { device, profile: { id: device.user, username: row.username, displayName: row.display_name } };
    },
    async byId(device) {
      const row = byId.get(idToBytes(device));
      return row ? toDevice(row) : null;
    },
    async standing(users) {
      const standing = users.map((user): [UserId, DeviceId[]] => {
        const key = keys.ofUser(user);
        return [user, key === null ? [] : enabledOf.all(key).map((id) => idFromBytes<DeviceId>(id))];
      });
      return new Map(standing);
    },
    async listOf(user) {
      const key = keys.ofUser(user);
      return key === null ? [] : ofUser.all(key).map(toDevice);
    },
    revoke: (user, devices, { erase } = { erase: false }) =>
      writer.run(() => {
        const key = keys.ofUser(user);
        return devices.filter((device) => {
          if (key === null) return false;
          if (erase) write.rememberToken.run(idToBytes(device), key);
          return write.revoke.run(idToBytes(device), key).changes > 0;
        });
      }),
    async isToErase(tokenHash) {
      return revokedToken.get(tokenHash) !== undefined;
    },
    touch: (seen) =>
      writer.join({
        work() {
          for (const { device, user, at } of seen) {
            write.touchDevice.run(at, idToBytes(device));
            write.touchUser.run(at, keys.ofUser(user));
          }
        },
      }),
    async lastActive(users) {
      const times = new Map<UserId, number>();
      for (const user of users) {
        const key = keys.ofUser(user);
        const at = key === null ? null : lastActive.get(key);
        if (typeof at === 'number') times.set(user, at);
      }
      return times;
    },
    raiseGeneration: (device, generation) =>
      writer.run(() => write.raise.get(generation, idToBytes(device)) ?? unknown()),
  };
}

function prepareWrites(db: Database) {
  return {
    insert: db.prepare(
      `INSERT INTO devices (public_id, user, name, platform, created_at, last_active_at, token_hash)
       VALUES (@id, @user, @name, @platform, @createdAt, @lastActiveAt, @tokenHash)`,
    ),
    revoke: db.prepare<[Buffer, number]>(
      'UPDATE devices SET token_hash = NULL WHERE public_id = ? AND user = ? AND token_hash IS NOT NULL',
    ),
    rememberToken: db.prepare<[Buffer, number]>(
      `INSERT INTO revoked_tokens SELECT token_hash, id FROM devices
       WHERE public_id = ? AND user = ? AND token_hash IS NOT NULL`,
    ),
    touchDevice: db.prepare<[number, Buffer]>(
      'UPDATE devices SET last_active_at = max(last_active_at, ?) WHERE public_id = ?',
    ),
    touchUser: db.prepare<[number, number | null]>(
      'UPDATE users SET last_active_at = max(ifnull(last_active_at, 0), ?) WHERE id = ?',
    ),
    raise: db
      .prepare<[number, Buffer], number>(
        `UPDATE devices SET generation = max(generation, ?) WHERE public_id = ? AND token_hash IS NOT NULL
         RETURNING generation`,
      )
      .pluck(),
  };
}

function unknown(): never {
  throw new ParleyError('not_found', { message: 'There is no such user or device on this relay.' });
}

function toDevice(row: DeviceRow): StoredDevice {
  return {
    id: idFromBytes<DeviceId>(row.public_id),
    user: idFromBytes<UserId>(row.user_id),
    name: row.name,
    platform: row.platform,
    createdAt: row.created_at,
    lastActiveAt: row.last_active_at,
    generation: row.generation,
  };
}
