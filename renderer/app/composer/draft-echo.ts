/** Tells a draft that another device typed from the echo of one's own, which comes back from the engine a little later. */

/** More are never on their way at once. */
const mostAwaited = 32;

export class DraftEcho {
  #kept = '';
  /** The last draft that was told. */
  #told = '';
  /** What was given to the engine and did not come back yet, in order; those in between may never. */
  #awaited: readonly string[] = [];

  /** The text that the engine was given last, or that came from it. */
  get kept(): string {
    return this.#kept;
  }

  /** The engine is given this text. @returns what is to be called if it could not take it. */
  keep(text: string): () => void {
    const before = this.#kept;
    this.#kept = text;
    this.#awaited = [...this.#awaited, text].slice(-mostAwaited);
    return () => {
      this.#kept = before;
      this.#awaited = this.#awaited.filter((one) => one !== text);
    };
  }

  /**
   * The engine says that this is the draft.
   * @param typed what stands in the field: what was not given to the engine yet is newer than anything it says
   * @returns whether the field should take it, which it then has to.
   */
  isForeign(draft: string, typed: string): boolean {
    if (draft === this.#told) return false;
    this.#told = draft;
    const echo = this.#awaited.indexOf(draft);
    if (echo >= 0) this.#awaited = this.#awaited.slice(echo + 1);
    if (echo >= 0 || draft === this.#kept || typed !== this.#kept) return false;
    this.#kept = draft;
    return true;
  }
}
