/** Looks for words in the messages of this computer while somebody types. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { SearchHit } from '../../../bridge/views.ts';
import type { ConversationId } from '../ids.ts';
import { TypedSearch, type SearchResult } from './typed-search.svelte.ts';

interface Hits {
  readonly hits: readonly SearchHit[];
  readonly more: boolean;
}

export type MessageResult = SearchResult<Hits>;

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
  readonly #typed: TypedSearch<Hits>;
  #query = '';

  constructor(engine: Pick<RpcClient<EngineContract>, 'invoke'>, { conversation, delayMs = 200 }: Options = {}) {
    this.#engine = engine;
    this.#conversation = conversation;
    this.#typed = new TypedSearch({
      delayMs,
      queryOf: (text) => {
        this.#query = text.trim().slice(0, longestQuery);
        return this.#query.length < fewestCharacters ? null : this.#query;
      },
      find: async () => {
        const hits = await this.#page(undefined);
        return { hits, more: hits.length === pageSize };
      },
    });
  }

  get result(): MessageResult {
    return this.#typed.result;
  }

  search(text: string): void {
    this.#typed.search(text);
  }

  /** Loads older hits behind those that are shown. */
  async more(): Promise<void> {
    const shown = this.result;
    if (shown.state !== 'found' || !shown.more) return;
    await this.#typed.extend(async () => {
      const page = await this.#page(shown.hits.at(-1));
      const known = new Set(shown.hits.map(({ message }) => message.id));
      const added = page.filter(({ message }) => !known.has(message.id));
      return { hits: [...shown.hits, ...added], more: page.length === pageSize && added.length > 0 };
    });
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
