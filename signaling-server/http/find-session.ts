/** Finds the session of a token, and says why there is none. */
import { ParleyError } from '../../protocol/index.ts';
import type { DeviceStore } from '../ports/store.ts';
import { deviceRevoked } from '../relay/device-revoked.ts';
import { hashSecret } from './secrets.ts';

export type KnownSession = NonNullable<Awaited<ReturnType<DeviceStore['byToken']>>>;

/**
 * @throws ParleyError `device_revoked` when the session was ended with the order to erase; `unauthenticated`, in the same
 * words for all other tokens that have no session.
 */
export async function findSession(
  devices: Pick<DeviceStore, 'byToken' | 'isToErase'>,
  token: string | undefined,
): Promise<KnownSession> {
  const hash = token === undefined ? null : hashSecret(token);
  const known = hash && (await devices.byToken(hash));
  if (known) return known;
  if (hash && (await devices.isToErase(hash))) throw deviceRevoked();
  throw new ParleyError('unauthenticated', { message: 'This device is not logged in any more. Log in again.' });
}
