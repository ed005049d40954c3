/** Remembers when devices were last there, and tells the store in batches. */
import type { DeviceId, UserId } from '../../protocol/index.ts';
import type { Log } from '../ports/log.ts';
import type { Store } from '../ports/store.ts';

export class LastSeen {
  readonly #store: Store;
  readonly #log: Log;
  #seen = new Map<DeviceId, { device: DeviceId; user: UserId; at: number }>();
  #users = new Map<UserId, number>();

  constructor(store: Store, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  note(user: UserId, device: DeviceId, at: number): void {
    this.#seen.set(device, { device, user, at });
    this.#users.set(user, at);
  }

  /** When users were last seen, what the store does not know yet included. */
  async of(users: readonly UserId[]): Promise<Map<UserId, number>> {
    const times = await this.#store.devices.lastActive(users);
    for (const user of users) {
      const at = this.#users.get(user);
      if (at !== undefined) times.set(user, Math.max(at, times.get(user) ?? 0));
    }
    return times;
  }

  /** Never rejects: what could not be stored is tried again with the next batch. */
  async flush(): Promise<void> {
    if (this.#seen.size === 0) return;
    const seen = this.#seen;
    const users = this.#users;
    this.#seen = new Map();
    try {
      await this.#store.devices.touch([...seen.values()]);
      // Only what was stored is forgotten: a user seen again in the meantime has a later time.
      for (const { user, at } of seen.values()) if ((users.get(user) ?? 0) <= at) users.delete(user);
    } catch (error) {
      this.#log.warn('presence.not_stored', { devices: seen.size, error });
      this.#seen = new Map([...seen, ...this.#seen]);
    }
  }
}
