/** Keeps what was used lately: a bounded map that forgets what was not asked for while `size` others were. */

/**
 * Two generations in place of a list ordered by use: a look-up of a fresh entry costs one map access, and
 * between `size` and twice as many entries are held.
 */
export class Recent<K, V> {
  readonly #size: number;
  #young = new Map<K, V>();
  /** None until the first generation is full: many that are held at once are small. */
  #old: Map<K, V> | undefined;

  constructor(size: number) {
    this.#size = size;
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old?.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    this.#young.set(key, value);
    if (this.#young.size >= this.#size) this.age();
  }

  /** What was not asked for since this was called last is forgotten, as if `size` others had been. */
  age(): void {
    this.#old = this.#young.size > 0 ? this.#young : undefined;
    this.#young = new Map();
  }

  delete(key: K): void {
    this.#young.delete(key);
    this.#old?.delete(key);
  }
}
