/** Looks for people on the relay while somebody types; only the answer to the latest question counts. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { PersonView } from '../../../bridge/views.ts';
import { faultOf, type Fault } from '../faults.ts';

export type PeopleResult =
  | { state: 'idle' }
  | { state: 'searching' }
  | { state: 'found'; people: readonly PersonView[] }
  | { state: 'failed'; fault: Fault };

const longestQuery = 64;

export class PeopleSearch {
  readonly #engine: Pick<RpcClient<EngineContract>, 'invoke'>;
  readonly #delayMs: number;
  #result = $state.raw<PeopleResult>({ state: 'idle' });
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(engine: Pick<RpcClient<EngineContract>, 'invoke'>, delayMs = 200) {
    this.#engine = engine;
    this.#delayMs = delayMs;
  }

  get result(): PeopleResult {
    return this.#result;
  }

  /** Asks once typing stops. What was found before stays on screen until the answer is there. */
  search(text: string): void {
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    const query = text.trim().replace(/^@/, '').slice(0, longestQuery);
    if (query === '') {
      this.#result = { state: 'idle' };
      return;
    }
    if (this.#result.state !== 'found') this.#result = { state: 'searching' };
    this.#timer = setTimeout(() => void this.#ask(query, asked), this.#delayMs);
  }

  async #ask(query: string, asked: number): Promise<void> {
    try {
      const people = await this.#engine.invoke('people.search', { query });
      if (asked === this.#asked) this.#result = { state: 'found', people };
    } catch (error) {
      if (asked === this.#asked) this.#result = { state: 'failed', fault: faultOf(error) };
    }
  }
}
