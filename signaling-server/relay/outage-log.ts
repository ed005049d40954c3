/** Logs what fails for every frame while the store is away: once, and then now and then with a count. */
import type { Clock } from '../ports/clock.ts';
import type { FaultFields, Log } from '../ports/log.ts';
import { isAway } from '../runtime/is-away.ts';

const againAfterMs = 10_000;

export class OutageLog {
  readonly #log: Log;
  readonly #uptime: Clock;
  readonly #event: string;
  #loggedAt = -Infinity;
  #passedOver = 0;

  constructor({ log, uptime }: { readonly log: Log; readonly uptime: Clock }, event: string) {
    this.#log = log;
    this.#uptime = uptime;
    this.#event = event;
  }

  /** Anything but `unavailable` is a fault of its own, and logged each time. */
  note(error: unknown, fields: FaultFields = {}): void {
    if (!isAway(error)) return this.#log.error(this.#event, { ...fields, error });
    const now = this.#uptime();
    if (now - this.#loggedAt < againAfterMs) {
      this.#passedOver++;
      return;
    }
    this.#loggedAt = now;
    this.#log.warn(this.#event, { ...fields, passedOver: this.#passedOver, error });
    this.#passedOver = 0;
  }
}
