/** All connections, each with when it has to be looked at next: of a hundred thousand quiet ones, hardly any in a second. */

/** Where something is in the list; the list alone changes it. */
export interface Listed {
  place: number;
}

const roomAtFirst = 1_024;

/** The times lie side by side, so that going through them touches nothing of the connections themselves. */
export class LookList<T extends Listed> {
  readonly #listed: (T | null)[] = [];
  readonly #free: number[] = [];
  #times = new Float64Array(roomAtFirst);

  get size(): number {
    return this.#listed.length - this.#free.length;
  }

  /** It is looked at with the next round. */
  add(item: T): void {
    const place = this.#free.pop() ?? this.#listed.length;
    if (place === this.#times.length) {
      const times = new Float64Array(place * 2);
      times.set(this.#times);
      this.#times = times;
    }
    item.place = place;
    this.#listed[place] = item;
    this.#times[place] = 0;
  }

  remove({ place }: T): void {
    this.#listed[place] = null;
    this.#times[place] = Infinity;
    this.#free.push(place);
  }

  /** Something happened to it: the next round looks at it. */
  soon({ place }: T): void {
    this.#times[place] = 0;
  }

  /** @param look says when it has to be looked at again; 0 for the next round. */
  round(now: number, look: (item: T) => number): void {
    for (let place = 0; place < this.#listed.length; place++) {
      if ((this.#times[place] ?? Infinity) > now) continue;
      const item = this.#listed[place];
      if (!item) continue;
      const next = look(item);
      // Looking may have ended it.
      if (this.#listed[place] === item) this.#times[place] = next;
    }
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const item of this.#listed) if (item) yield item;
  }
}
