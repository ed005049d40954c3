/** Who is connected to this node, with which sessions. */
import type { DeviceId, UserId } from '../../protocol/index.ts';
import type { Bus, Note } from '../ports/bus.ts';
import type { Handed } from './handed.ts';
import type { OpenSession } from './session.ts';
import { TokenBucket } from './token-bucket.ts';

export interface Person {
  readonly user: UserId;
  /** Shared by all of the user's devices. */
  readonly sends: TokenBucket;
  sessions: readonly OpenSession[];
  /** What its sessions were given; null where notes are never lost, or none was heard yet. */
  handed: Handed | null;
  leave: () => void;
}

interface PeopleDeps {
  readonly bus: Bus;
  readonly sendBurst: number;
  hear(person: Person, note: Note): void;
}

export class People {
  readonly #deps: PeopleDeps;
  readonly #people = new Map<UserId, Person>();
  #sessions = 0;

  constructor(deps: PeopleDeps) {
    this.#deps = deps;
  }

  get users(): number {
    return this.#people.size;
  }

  get sessions(): number {
    return this.#sessions;
  }

  get(user: UserId): Person | undefined {
    return this.#people.get(user);
  }

  /** All who are here now; those who come and go meanwhile may or may not be among them. */
  all(): Person[] {
    return [...this.#people.values()];
  }

  /** The person of a session that is about to open; without sessions until `add`. */
  person(user: UserId, now: number): Person {
    const known = this.#people.get(user);
    if (known) return known;
    const sends = new TokenBucket(this.#deps.sendBurst, now);
    const person: Person = { user, sends, sessions: [], handed: null, leave: () => {} };
    this.#people.set(user, person);
    return person;
  }

  /** @returns whether it is the user's first session here. */
  add(session: OpenSession): boolean {
    const { person } = session;
    // `concat` makes a list of just that length; spread leaves room for more, in every one of many thousand.
    person.sessions = person.sessions.concat(session);
    this.#sessions++;
    if (person.sessions.length > 1) return false;
    person.leave = this.#deps.bus.subscribe(`user:${person.user}`, (note) => this.#deps.hear(person, note));
    return true;
  }

  /** @returns whether it was the user's last session here. */
  remove(session: OpenSession): boolean {
    const { person } = session;
    person.sessions = person.sessions.filter((other) => other !== session);
    this.#sessions--;
    if (person.sessions.length > 0) return false;
    person.leave();
    this.#people.delete(person.user);
    return true;
  }

  sessionOf(user: UserId, device: DeviceId): OpenSession | undefined {
    return this.#people.get(user)?.sessions.find((session) => session.device === device);
  }
}
