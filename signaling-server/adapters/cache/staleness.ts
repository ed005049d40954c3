/** Knows which of what is remembered was said to be stale since it was read. */

/** Beyond so many names everything counts as stale: cheaper than to remember more of them. */
const most = 10_000;

/**
 * Moments are counted, not timed: what was read at a moment is fresh unless its name was dropped after that moment. A read
 * that began before the drop is stale however late it ends.
 */
export class Staleness {
  readonly #dropped = new Map<string, number>();
  #allBefore = 0;
  #moment = 0;

  /** To be taken before reading. */
  get moment(): number {
    return this.#moment;
  }

  drop(name: string): void {
    if (this.#dropped.size >= most) return this.dropAll();
    this.#dropped.set(name, ++this.#moment);
  }

  dropAll(): void {
    this.#dropped.clear();
    this.#allBefore = ++this.#moment;
  }

  isFresh(name: string, moment: number): boolean {
    return moment >= this.#allBefore && moment >= (this.#dropped.get(name) ?? 0);
  }
}
