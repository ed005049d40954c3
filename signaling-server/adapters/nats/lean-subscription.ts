/** One subscription, as little as the client library can do with: a node has several for each person connected. */
import type { Msg } from '@nats-io/transport-node';

/** Hears for all its subscriptions, so that none of them has functions of its own. */
export interface SubscriptionOwner<K> {
  nameOf(key: K): string;
  /** Must not throw: the library would stop reading. */
  heard(key: K, message: Msg): void;
}

/**
 * Has what the library's `ProtocolHandler` uses of a `SubscriptionImpl`: `sid`, `received`, `subject`, `callback` and
 * `close`. The library's own holds three promises and a queue besides.
 */
export class LeanSubscription<K = unknown> {
  /** Number on the connection; given by the library. */
  sid = 0;
  received = 0;
  /** The connection it was made on, by its number; 0 before the first. */
  connection = 0;
  /** How many listeners share it. */
  listeners = 0;
  readonly key: K;
  readonly #owner: SubscriptionOwner<K>;

  constructor(owner: SubscriptionOwner<K>, key: K) {
    this.#owner = owner;
    this.key = key;
  }

  /** Put together when it is needed, so that it is not kept. */
  get subject(): string {
    return this.#owner.nameOf(this.key);
  }

  /** An error is that the server does not let this account subscribe; the link tells the admin. */
  callback(error: Error | null, message: Msg): void {
    if (!error) this.#owner.heard(this.key, message);
  }

  close(): void {}
}
