/** Opens and ends the sessions of devices, for every route that does so. */
import { createId, type Account, type DeviceId, type Session, type UserId } from '../../protocol/index.ts';
import type { StoredAccount } from '../ports/store.ts';
import type { HttpDeps } from './http-deps.ts';
import { createToken, hashSecret } from './secrets.ts';

type SessionDeps = Pick<HttpDeps, 'store' | 'acts' | 'now' | 'config'>;

/** The one answer in which a token appears. */
export async function openSession(
  deps: SessionDeps,
  account: Account,
  input: { readonly name: string; readonly platform: string },
): Promise<Session> {
  await makeRoom(deps, account.id);
  const token = createToken();
  const device = createId<DeviceId>();
  const now = deps.now();
  await deps.store.devices.create({
    id: device,
    user: account.id,
    name: input.name,
    platform: input.platform,
    createdAt: now,
    lastActiveAt: now,
    tokenHash: hashSecret(token),
  });
  deps.acts.announceDevice(account.id);
  return { account: publicAccount(account), device, token };
}

/**
 * Ends sessions in the store, then closes their sockets. With `erase` the devices are told to erase what they keep of the
 * account: for sessions that their user ended from another device. @returns the devices whose sessions there were.
 */
export async function endSessions(
  { store, acts }: Pick<SessionDeps, 'store' | 'acts'>,
  user: UserId,
  devices: readonly DeviceId[],
  how = { erase: false },
): Promise<DeviceId[]> {
  const ended = devices.length === 0 ? [] : await store.devices.revoke(user, devices, how);
  if (ended.length > 0) acts.announceRevoked(user, ended, how);
  return ended;
}

/** Leaves out what only the relay knows of an account. */
export function publicAccount({
  id,
  username,
  displayName,
  email,
  phone,
  createdAt,
}: StoredAccount | Account): Account {
  return { id, username, displayName, email, phone, createdAt };
}

/** With as many devices as are allowed, those that were away longest make room: nobody is locked out by lost ones. */
async function makeRoom(deps: SessionDeps, user: UserId): Promise<void> {
  const devices = await deps.store.devices.listOf(user);
  const surplus = devices.length + 1 - deps.config.maxDevicesPerUser;
  if (surplus <= 0) return;
  const oldest = [...devices].sort((a, b) => a.lastActiveAt - b.lastActiveAt).slice(0, surplus);
  await endSessions(
    deps,
    user,
    oldest.map((device) => device.id),
  );
}
