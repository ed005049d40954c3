/** Asks while somebody types: once typing stops, and only the answer to the latest question counts. */
import { faultOf, type Fault } from '../faults.ts';

export type SearchResult<Found> =
  { state: 'idle' } | { state: 'searching' } | ({ state: 'found' } & Found) | { state: 'failed'; fault: Fault };

interface Options<Found> {
  readonly delayMs: number;
  /** What is asked for what was typed; null for what is not worth a question. */
  readonly queryOf: (text: string) => string | null;
  readonly find: (query: string) => Promise<Found>;
}

export class TypedSearch<Found extends object> {
  readonly #options: Options<Found>;
  #result = $state.raw<SearchResult<Found>>({ state: 'idle' });
  /** Counts questions; an answer to an older one is dropped. */
  #asked = 0;
  #extending = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: Options<Found>) {
    this.#options = options;
  }

  get result(): SearchResult<Found> {
    return this.#result;
  }

  /** Asks once typing stops. What was found before stays on screen until the answer is there. */
  search(text: string): void {
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    this.#extending = false;
    const query = this.#options.queryOf(text);
    if (query === null) {
      this.#result = { state: 'idle' };
      return;
    }
    if (this.#result.state !== 'found') this.#result = { state: 'searching' };
    this.#timer = setTimeout(() => void this.#ask(query, asked), this.#options.delayMs);
  }

  async #ask(query: string, asked: number): Promise<void> {
    try {
      const found = await this.#options.find(query);
      if (asked === this.#asked) this.#result = { state: 'found', ...found };
    } catch (error) {
      if (asked === this.#asked) this.#result = { state: 'failed', fault: faultOf(error) };
    }
  }

  /** Puts more to what was found, one addition at a time. What fails here is asked for again the next time. */
  async extend(find: () => Promise<Found>): Promise<void> {
    if (this.#extending) return;
    const asked = this.#asked;
    this.#extending = true;
    try {
      const found = await find();
      if (asked === this.#asked) this.#result = { state: 'found', ...found };
    } catch {
      // What was found stays; scrolling or stepping on asks again.
    } finally {
      if (asked === this.#asked) this.#extending = false;
    }
  }
}
