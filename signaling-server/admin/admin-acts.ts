/** The acts of an admin, done to the store; sockets of the running relay are told where it matters. */
import { statSync } from 'node:fs';
import { createId, ParleyError, type UserId } from '../../protocol/index.ts';
import type { HttpActs } from '../http/http-deps.ts';
import type { PasswordHasher } from '../http/passwords.ts';
import { createInviteCode, hashSecret } from '../http/secrets.ts';
import type { Store, StoredAccount, StoredDevice } from '../ports/store.ts';
import type { AdminActs, AdminDevice, AdminOutput, AdminUser } from './admin-contract.ts';

interface AdminActsDeps {
  readonly store: Store;
  /** Null when the database has tools of its own for that. */
  readonly backup: ((file: string) => Promise<void>) | null;
  readonly passwords: PasswordHasher;
  readonly now: () => number;
  readonly announceRevoked: HttpActs['announceRevoked'];
  readonly status: () => AdminOutput<'status'>;
}

export function createAdminActs({ store, backup, passwords, now, announceRevoked, status }: AdminActsDeps): AdminActs {
  const find = async (username: string): Promise<StoredAccount> => {
    const account = await store.accounts.byUsername(username);
    if (account) return account;
    throw new ParleyError('not_found', {
      message: `There is no user ${username}. \`parley-relay user list\` shows all.`,
    });
  };
  return {
    status: async () => status(),
    async addUser({ password, ...profile }) {
      const account = {
        ...profile,
        id: createId<UserId>(),
        createdAt: now(),
        passwordHash: await passwords.hash(password),
      };
      await store.accounts.create(account);
      return adminUser({ ...account, disabled: false });
    },
    async listUsers({ after, limit }) {
      const accounts = await store.accounts.list(after, limit);
      return { users: accounts.map(adminUser) };
    },
    async setUserDisabled({ username, disabled }) {
      const account = await store.accounts.update((await find(username)).id, { disabled });
      if (disabled) announceRevoked(account.id, 'all');
      return adminUser(account);
    },
    async resetPassword({ username, password }) {
      const { id } = await find(username);
      await store.accounts.update(id, { passwordHash: await passwords.hash(password) });
      const devices = await store.devices.listOf(id);
      const ended = await store.devices.revoke(
        id,
        devices.map((device) => device.id),
      );
      if (ended.length > 0) announceRevoked(id, ended);
      return { endedSessions: ended.length };
    },
    async createInvite({ maxUses, expiresAt }) {
      const { code, label } = createInviteCode();
      const invite = { label, createdAt: now(), expiresAt, uses: 0, maxUses, revoked: false };
      await store.invites.create({ ...invite, hash: hashSecret(code) });
      return { ...invite, code };
    },
    listInvites: async () => ({ invites: await store.invites.list() }),
    async revokeInvite({ label }) {
      if (await store.invites.revoke(label)) return {};
      throw new ParleyError('not_found', {
        message: `There is no usable invite ${label}. \`parley-relay invite list\` shows all.`,
      });
    },
    async listDevices({ username }) {
      const devices = await store.devices.listOf((await find(username)).id);
      return { devices: devices.map(adminDevice) };
    },
    async revokeDevice({ device }) {
      const known = await store.devices.byId(device);
      const [ended] = known ? await store.devices.revoke(known.user, [device], { erase: true }) : [];
      if (!known || ended === undefined) {
        throw new ParleyError('not_found', {
          message: `There is no device ${device}. \`parley-relay device list USERNAME\` shows a user's.`,
        });
      }
      announceRevoked(known.user, [device], { erase: true });
      return {};
    },
    async backup({ file }) {
      if (backup === null) throw new ParleyError('bad_request', { message: ownTools });
      await backup(file);
      return { bytes: statSync(file).size };
    },
  };
}

const ownTools =
  'The database of this relay is PostgreSQL, which has its own tools for backups: pg_basebackup with archived WAL for all of it at any moment, or pg_dump for a copy. docs/operations.md says how.';

function adminUser({
  id,
  username,
  displayName,
  email,
  phone,
  createdAt,
  disabled,
}: Omit<StoredAccount, 'passwordHash'>): AdminUser {
  return { id, username, displayName, email, phone, createdAt, disabled };
}

function adminDevice({ id, name, platform, createdAt, lastActiveAt }: StoredDevice): AdminDevice {
  return { id, name, platform, createdAt, lastActiveAt };
}
