/** Looks for people on the relay while somebody types. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { PersonView } from '../../../bridge/views.ts';
import { TypedSearch, type SearchResult } from '../search/typed-search.svelte.ts';

interface People {
  readonly people: readonly PersonView[];
}

export type PeopleResult = SearchResult<People>;

const longestQuery = 64;

export class PeopleSearch extends TypedSearch<People> {
  constructor(engine: Pick<RpcClient<EngineContract>, 'invoke'>, delayMs = 200) {
    super({
      delayMs,
      queryOf: (text) => text.trim().replace(/^@/, '').slice(0, longestQuery) || null,
      find: async (query) => ({ people: await engine.invoke('people.search', { query }) }),
    });
  }
}
