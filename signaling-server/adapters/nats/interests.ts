/** What this node listens to: one subscription a subject on the server, however many listeners it has here. */
import type { Msg } from '@nats-io/transport-node';
import type { Subject } from '../../ports/bus.ts';
import { LeanSubscription, type SubscriptionOwner } from './lean-subscription.ts';
import type { Link } from './link.ts';
import type { SubjectNames } from './subject-names.ts';

interface InterestsDeps {
  readonly link: Pick<Link, 'subscribe' | 'unsubscribe'>;
  readonly names: SubjectNames;
  heard(subject: Subject, message: Msg): void;
}

export class Interests {
  readonly #link: InterestsDeps['link'];
  readonly #owner: SubscriptionOwner<Subject>;
  readonly #subscriptions = new Map<Subject, LeanSubscription<Subject>>();

  constructor({ link, names, heard }: InterestsDeps) {
    this.#link = link;
    this.#owner = { nameOf: names.nameOf, heard };
  }

  get size(): number {
    return this.#subscriptions.size;
  }

  has(subject: Subject): boolean {
    return this.#subscriptions.has(subject);
  }

  all(): Iterable<LeanSubscription<Subject>> {
    return this.#subscriptions.values();
  }

  /** One more listener. */
  add(subject: Subject): void {
    const known = this.#subscriptions.get(subject);
    if (known) return void known.listeners++;
    const subscription = new LeanSubscription(this.#owner, subject);
    subscription.listeners = 1;
    this.#subscriptions.set(subject, subscription);
    this.#link.subscribe(subscription);
  }

  /** One listener less. */
  remove(subject: Subject): void {
    const subscription = this.#subscriptions.get(subject);
    if (!subscription || --subscription.listeners > 0) return;
    this.#subscriptions.delete(subject);
    this.#link.unsubscribe(subscription);
  }
}
