/** Devices behind a cache: whose a token is, is asked at each connection and each request. */
import type { Profile } from '../../../protocol/index.ts';
import type { DeviceStore, StoredDevice } from '../../ports/store.ts';
import type { CacheParts } from './cached-store.ts';

export interface KnownToken {
  /** Its generation may be old, so that a greater one is kept once more; its time of last use, too. */
  readonly device: StoredDevice;
  readonly profile: Profile;
}

/** Tokens without a session are not remembered: one may be given out the next moment. */
export function createCachedDevices(devices: DeviceStore, { tokens, forget }: CacheParts): DeviceStore {
  return {
    ...devices,
    byToken(tokenHash) {
      const key = Buffer.from(tokenHash).toString('base64');
      return tokens.get(key, () => devices.byToken(tokenHash));
    },
    async revoke(user, revoked, how) {
      try {
        return await devices.revoke(user, revoked, how);
      } finally {
        // Even if it failed: it may have been carried out all the same.
        forget({ user });
      }
    },
  };
}
