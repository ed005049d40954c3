/** Devices: where an account is logged in, and when it was last seen there. */
import { sql, type Kysely, type Selectable } from 'kysely';
import { ParleyError, type DeviceId, type UserId } from '../../../protocol/index.ts';
import type { DeviceStore, StoredDevice } from '../../ports/store.ts';
import type { Database } from './database.ts';
import { touchDevices } from './last-seen.ts';
import { ownDevices, revokeDevices } from './revoke.ts';
import type { DeviceTable, Tables } from './tables.ts';
import { idList } from './values.ts';

const standingOf = `
  SELECT d.user_id, d.device_id FROM devices d JOIN users u ON u.user_id = d.user_id
  WHERE d.user_id = ANY ($1::uuid[]) AND d.token_hash IS NOT NULL AND NOT u.disabled`;

type NewDevice = Parameters<DeviceStore['create']>[0];

export function createDeviceStore(database: Database): DeviceStore {
  const reading = (name: string) => ({ name: `devices.${name}`, repeatable: true });

  return {
    // Done again it finds its own rows.
    create: (device) => database.transact(reading('create'), (db) => insert(db, device)),
    async byToken(tokenHash) {
      const { rows } = await database.ask(reading('byToken'), (db) =>
        sql<Selectable<DeviceTable> & { username: string; display_name: string }>`
          SELECT d.*, u.username, u.display_name FROM devices d JOIN users u ON u.user_id = d.user_id
          WHERE d.user_id = (SELECT user_id FROM tokens WHERE token_hash = ${tokenHash})
            AND d.token_hash = ${tokenHash} AND NOT u.disabled`.execute(db),
      );
      const [row] = rows;
      if (!row) return null;
      return { device: toDevice(row), profile: profileOf(row) };
    },
    async byId(device) {
      const row = await database.ask(reading('byId'), (db) => selectById(db, device).executeTakeFirst());
      return row ? toDevice(row) : null;
    },
    async listOf(user) {
      const rows = await database.ask(reading('listOf'), (db) =>
        standing(db).where('user_id', '=', user).orderBy('created_at').orderBy('device_id').execute(),
      );
      return rows.map(toDevice);
    },
    async standing(users) {
      const rows = await database.direct(reading('standing'), (connection) =>
        connection.rows<[UserId, DeviceId]>({ name: 'devices-standing', text: standingOf, values: [idList(users)] }),
      );
      const standing = new Map(users.map((user): [UserId, DeviceId[]] => [user, []]));
      for (const [user, device] of rows) standing.get(user)?.push(device);
      return standing;
    },
    revoke: (user, devices, { erase } = { erase: false }) =>
      database.transact(reading('revoke'), async (db, doubtful) => {
        const ended = await revokeDevices(db, user, devices, erase);
        return doubtful ? ownDevices(db, user, devices) : ended;
      }),
    async isToErase(tokenHash) {
      const row = await database.ask(reading('isToErase'), (db) =>
        db.selectFrom('revoked_tokens').select('device_id').where('token_hash', '=', tokenHash).executeTakeFirst(),
      );
      return row !== undefined;
    },
    touch: (seen) => touchDevices(database, seen),
    async lastActive(users) {
      const rows = await database.ask(reading('lastActive'), (db) =>
        db
          .selectFrom('users')
          .select(['user_id', 'last_active_at'])
          .where(sql<boolean>`user_id = ANY (${idList(users)}::uuid[]) AND last_active_at IS NOT NULL`)
          .execute(),
      );
      return new Map(rows.map((row) => [row.user_id, row.last_active_at ?? 0]));
    },
    async raiseGeneration(device, generation) {
      const { rows } = await database.ask(reading('raiseGeneration'), (db) =>
        sql<{ generation: number }>`
          UPDATE devices SET generation = greatest(generation, ${generation}::bigint)
          WHERE user_id = (SELECT user_id FROM device_users WHERE device_id = ${device}::uuid)
            AND device_id = ${device}::uuid AND token_hash IS NOT NULL
          RETURNING generation`.execute(db),
      );
      return rows[0]?.generation ?? unknown();
    },
  };
}

async function insert(db: Kysely<Tables>, device: NewDevice): Promise<void> {
  const { id, user, name, platform, createdAt, lastActiveAt, tokenHash } = device;
  const { numUpdatedRows } = await db
    .updateTable('users')
    .set({ last_active_at: sql`greatest(last_active_at, ${lastActiveAt}::bigint)` })
    .where('user_id', '=', user)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) unknown();
  await db
    .insertInto('device_users')
    .values({ device_id: id, user_id: user })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = { user_id: user, device_id: id, name, platform, created_at: createdAt, last_active_at: lastActiveAt };
  await db
    .insertInto('devices')
    .values({ ...row, token_hash: tokenHash })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await db
    .insertInto('tokens')
    .values({ token_hash: tokenHash, user_id: user, device_id: id })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Revoked devices have no token any more and are left out of every answer. */
function standing(db: Kysely<Tables>) {
  return db.selectFrom('devices').selectAll().where('token_hash', 'is not', null);
}

function selectById(db: Kysely<Tables>, device: DeviceId) {
  return standing(db)
    .where('device_id', '=', device)
    .where('user_id', '=', (whose) =>
      whose.selectFrom('device_users').select('user_id').where('device_id', '=', device),
    );
}

function unknown(): never {
  throw new ParleyError('not_found', { message: 'There is no such user or device on this relay.' });
}

function profileOf(row: { user_id: UserId; username: string; display_name: string }) {
  return { id: row.user_id, username: row.username, displayName: row.display_name };
}

function toDevice(row: Selectable<DeviceTable>): StoredDevice {
  return {
    id: row.device_id,
    user: row.user_id,
    name: row.name,
    platform: row.platform,
    createdAt: row.created_at,
    lastActiveAt: row.last_active_at,
    generation: row.generation,
  };
}
