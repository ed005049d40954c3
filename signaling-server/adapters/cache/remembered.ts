/** Answers of the store, each good for a while, and a while longer when the store is away. */
import type { Clock } from '../../ports/clock.ts';
import { isAway } from '../../runtime/is-away.ts';
import { Recent } from '../../runtime/recent.ts';
import type { Staleness } from './staleness.ts';

interface Entry<V> {
  readonly value: V;
  /** Whoever says that this is stale says so of this name: a user's or conversation's id. */
  readonly name: string;
  readonly moment: number;
  readonly at: number;
}

interface RememberedDeps<V> {
  readonly size: number;
  readonly lifeMs: number;
  /** For how long an answer will do while the store is away. */
  readonly lifeAwayMs: number;
  readonly clock: Clock;
  readonly staleness: Staleness;
  readonly nameOf: (value: V) => string;
}

export class Remembered<V extends object> {
  readonly #deps: RememberedDeps<V>;
  readonly #entries: Recent<string, Entry<V>>;
  readonly #ageing: NodeJS.Timeout;
  #hits = 0;
  #misses = 0;

  constructor(deps: RememberedDeps<V>) {
    this.#deps = deps;
    this.#entries = new Recent(deps.size);
    // What no question will be answered with any more would stay for as long as nobody new comes.
    this.#ageing = setInterval(() => this.#entries.age(), deps.lifeAwayMs).unref();
  }

  close(): void {
    clearInterval(this.#ageing);
  }

  /** The share of questions that the store was spared; 0 before the first. */
  get hitRate(): number {
    return this.#hits === 0 ? 0 : this.#hits / (this.#hits + this.#misses);
  }

  /** @param fits what else has to hold for an answer to do. */
  find(key: string, fits: (value: V) => boolean = () => true): V | undefined {
    const found = this.#within(key, this.#deps.lifeMs);
    const answer = found !== undefined && fits(found) ? found : undefined;
    if (answer === undefined) this.#misses++;
    else this.#hits++;
    return answer;
  }

  /** @param moment from before the value was read. */
  keep(key: string, value: V, moment: number): void {
    const { clock, nameOf } = this.#deps;
    this.#entries.set(key, { value, name: nameOf(value), moment, at: clock() });
  }

  /** What was remembered, else what `read` gives; if the store is away, what was remembered a while ago. */
  async get(key: string, read: () => Promise<V | null>, fits?: (value: V) => boolean): Promise<V | null> {
    const found = this.find(key, fits);
    if (found !== undefined) return found;
    const { moment } = this.#deps.staleness;
    try {
      const value = await read();
      if (value !== null) this.keep(key, value, moment);
      return value;
    } catch (error) {
      const old = this.findAway(key, error);
      if (old === undefined || (fits && !fits(old))) throw error;
      return old;
    }
  }

  /** What will do since reading failed; undefined unless it failed because the store is away. */
  findAway(key: string, error: unknown): V | undefined {
    return isAway(error) ? this.#within(key, this.#deps.lifeAwayMs) : undefined;
  }

  #within(key: string, lifeMs: number): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry || !this.#deps.staleness.isFresh(entry.name, entry.moment)) return undefined;
    const age = this.#deps.clock() - entry.at;
    // A clock that was set back would let it live for longer.
    return age >= 0 && age < lifeMs ? entry.value : undefined;
  }
}
