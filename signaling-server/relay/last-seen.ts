/** Remembers when devices were last there, and tells the store in batches. */
import type { DeviceId, UserId } from '../../protocol/index.ts';
import type { Store } from '../ports/store.ts';
import { OutageLog } from './outage-log.ts';
import type { RelayParts } from './relay-parts.ts';

interface Seen {
  readonly device: DeviceId;
  readonly user: UserId;
  readonly at: number;
}

/** Rows of one commit. */
const rowsACommit = 500;

export class LastSeen {
  readonly #store: Store;
  readonly #outage: OutageLog;
  readonly #seen = new Map<DeviceId, Seen>();
  readonly #users = new Map<UserId, number>();
  #flushing: Promise<void> | null = null;

  constructor(parts: Pick<RelayParts, 'store' | 'uptime' | 'log'>) {
    this.#store = parts.store;
    this.#outage = new OutageLog(parts, 'presence.not_stored');
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
    await (this.#flushing ??= this.#storeAll().finally(() => {
      this.#flushing = null;
    }));
  }

  async #storeAll(): Promise<void> {
    const seen = [...this.#seen.values()];
    for (let at = 0; at < seen.length; at += rowsACommit) {
      const batch = seen.slice(at, at + rowsACommit);
      try {
        await this.#store.devices.touch(batch);
      } catch (error) {
        return this.#outage.note(error, { devices: seen.length - at });
      }
      for (const each of batch) this.#forget(each);
    }
  }

  /** Only what was stored is forgotten: a device or user seen again in the meantime has a later time. */
  #forget(stored: Seen): void {
    if (this.#seen.get(stored.device) === stored) this.#seen.delete(stored.device);
    if ((this.#users.get(stored.user) ?? 0) <= stored.at) this.#users.delete(stored.user);
  }
}
