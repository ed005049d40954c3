/** Says that users left a node that goes down, once it is clear who of them came to no other. */
import { setTimeout as delay } from 'node:timers/promises';
import { ParleyError, type UserId } from '../../protocol/index.ts';
import type { Bus, Subject } from '../ports/bus.ts';
import type { Log } from '../ports/log.ts';
import { within } from '../runtime/within.ts';
import type { PresenceBoard } from './presence.ts';

/** Devices come back to another node within this, so that nobody sees them leave; those who do not are offline within 2 s. */
const graceMs = 1_700;
/** Users of one question to the bus. */
const usersAtOnce = 256;
/** A bus that takes longer to answer hangs: those who watch find out when their nodes hear that this one is gone. */
const patienceMs = 1_000;

export class Departures {
  readonly #bus: Bus;
  readonly #log: Log;
  readonly #board: Pick<PresenceBoard, 'tellOffline'>;
  readonly #left = new Map<UserId, number>();

  constructor({ bus, log }: { readonly bus: Bus; readonly log: Log }, board: Pick<PresenceBoard, 'tellOffline'>) {
    this.#bus = bus;
    this.#log = log;
    this.#board = board;
  }

  note(user: UserId, at: number): void {
    this.#left.set(user, at);
  }

  /** @param sinceMs how long ago the first of them was sent away. Never rejects; a bus that hangs is not waited for. */
  async tell(sinceMs: number): Promise<void> {
    // In one process those who watch have been sent away, too.
    if (this.#left.size === 0 || this.#bus.isLocal) return;
    await delay(Math.max(0, graceMs - sinceMs));
    const users = [...this.#left.keys()];
    try {
      for (let at = 0; at < users.length; at += usersAtOnce) await this.#tellOf(users.slice(at, at + usersAtOnce));
    } catch (error) {
      this.#log.warn('presence.failed', { users: users.length, error });
    }
  }

  async #tellOf(users: readonly UserId[]): Promise<void> {
    const asked = this.#bus.subscribed(users.map((user): Subject => `user:${user}`));
    const elsewhere = await within(asked, patienceMs, busHangs);
    for (const user of users) {
      if (!elsewhere.has(`user:${user}`)) this.#board.tellOffline(user, this.#left.get(user) ?? 0);
    }
  }
}

function busHangs(): ParleyError {
  return new ParleyError('unavailable', { message: 'NATS does not answer.' });
}
