/** Does work on the same thing one after another, and on different things at once. */
export class KeyedTurns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** @returns what the work gives, once all that was asked for before under this key is done. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}
