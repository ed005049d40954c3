/** Looks for words in the messages of this computer while somebody types; only the answer to the latest question counts. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { SearchHit } from '../../../bridge/views.ts';
import { faultOf, type Fault } from '../faults.ts';
import type { ConversationId } from '../ids.ts';

export type MessageResult =
  | { state: 'idle' }
  | { state: 'searching' }
  | { state: 'found'; hits: readonly SearchHit[]; more: boolean }
  | { state: 'failed'; fault: Fault };

interface Options {
  /** Only in this one. */
  readonly conversation?: ConversationId;
  readonly delayMs?: number;
}

/** A single letter stands in nearly every message. */
const fewestCharacters = 2;
const longestQuery = 200;
const pageSize = 40;

export class MessageSearch {
  readonly #engine: Pick<RpcClient<EngineContract>, 'invoke'>;
  readonly #conversation: ConversationId | undefined;
  readonly #delayMs: number;
  #result = $state.raw<MessageResult>({ state: 'idle' });
  #query = '';
  /** Counts questions; an answer to an older one is dropped. */
  #asked = 0;
  #extending = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(engine: Pick<RpcClient<EngineContract>, 'invoke'>, { conversation, delayMs = 200 }: Options = {}) {
    this.#engine = engine;
    this.#conversation = conversation;
    this.#delayMs = delayMs;
  }

  get result(): MessageResult {
    return this.#result;
  }

  /** Asks once typing stops. What was found before stays on screen until the answer is there. */
  search(text: string): void {
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    this.#extending = false;
    this.#query = text.trim().slice(0, longestQuery);
    if (this.#query.length < fewestCharacters) {
      this.#result = { state: 'idle' };
      return;
    }
    if (this.#result.state !== 'found') this.#result = { state: 'searching' };
    this.#timer = setTimeout(() => void this.#ask(asked), this.#delayMs);
  }

  async #ask(asked: number): Promise<void> {
    try {
      const hits = await this.#page(undefined);
      if (asked === this.#asked) this.#result = { state: 'found', hits, more: hits.length === pageSize };
    } catch (error) {
      if (asked === this.#asked) this.#result = { state: 'failed', fault: faultOf(error) };
    }
  }

  /** Loads older hits behind those that are shown. What fails here is asked for again the next time. */
  async more(): Promise<void> {
    const shown = this.#result;
    if (shown.state !== 'found' || !shown.more || this.#extending) return;
    const asked = this.#asked;
    this.#extending = true;
    try {
      const page = await this.#page(shown.hits.at(-1));
      if (asked !== this.#asked) return;
      const known = new Set(shown.hits.map(({ message }) => message.id));
      const added = page.filter(({ message }) => !known.has(message.id));
      const more = page.length === pageSize && added.length > 0;
      this.#result = { state: 'found', hits: [...shown.hits, ...added], more };
    } catch {
      // What was found stays; scrolling or stepping on asks again.
    } finally {
      if (asked === this.#asked) this.#extending = false;
    }
  }

  /** Two messages may share a millisecond, so the page begins with the last one's own and what is known is left out. */
  #page(last: SearchHit | undefined): Promise<readonly SearchHit[]> {
    return this.#engine.invoke('messages.search', {
      query: this.#query,
      limit: pageSize,
      ...(this.#conversation ? { conversation: this.#conversation } : {}),
      ...(last ? { before: last.message.time + 1 } : {}),
    });
  }
}
