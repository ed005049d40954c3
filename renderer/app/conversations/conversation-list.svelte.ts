/** All conversations in the order of the list, loaded page after page and kept true by the engine's events. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { ConversationView } from '../../../bridge/views.ts';
import { faultOf, type Fault } from '../faults.ts';
import type { ConversationId } from '../ids.ts';
import { isUnusedNotes, mergeConversations, titleMatches } from './conversation-order.ts';

type Engine = Pick<RpcClient<EngineContract>, 'invoke' | 'on'>;
export type ListPhase = { state: 'loading' } | { state: 'ready' } | { state: 'failed'; fault: Fault };

const firstPage = 100;
const nextPages = 500;

export class ConversationList {
  readonly #engine: Engine;
  #all = $state.raw<readonly ConversationView[]>([]);
  #phase = $state.raw<ListPhase>({ state: 'loading' });
  #filter = $state.raw('');
  readonly #shown = $derived(
    this.#filter.trim() === ''
      ? this.#all.filter((one) => !isUnusedNotes(one))
      : this.#all.filter((one) => titleMatches(one, this.#filter)),
  );
  readonly #byId = $derived(new Map(this.#all.map((one) => [one.id, one])));
  #loads = 0;
  /** What changed since the pages of the present load were asked for: newer than anything on them. */
  #changed = new Map<ConversationId, ConversationView>();

  constructor(engine: Engine) {
    this.#engine = engine;
    engine.on('conversations.changed', (changed) => this.take(changed));
  }

  get phase(): ListPhase {
    return this.#phase;
  }
  get all(): readonly ConversationView[] {
    return this.#all;
  }
  /** Those that match the filter; without one, all but notes that nobody began. */
  get shown(): readonly ConversationView[] {
    return this.#shown;
  }
  get filter(): string {
    return this.#filter;
  }
  set filter(text: string) {
    this.#filter = text;
  }
  find(id: ConversationId): ConversationView | undefined {
    return this.#byId.get(id);
  }

  take(changed: readonly ConversationView[]): void {
    for (const one of changed) this.#changed.set(one.id, one);
    this.#all = mergeConversations(this.#all, changed);
  }

  clear(): void {
    this.#loads += 1;
    this.#all = [];
    this.#changed.clear();
    this.#filter = '';
    this.#phase = { state: 'loading' };
  }

  /** Loads the first page, then the rest behind it. Called again it refreshes what is shown without emptying it. */
  async load(): Promise<void> {
    const load = ++this.#loads;
    this.#changed.clear();
    if (this.#phase.state === 'failed') this.#phase = { state: 'loading' };
    try {
      let page = await this.#page(firstPage, undefined);
      while (load === this.#loads) {
        this.#all = mergeConversations(
          this.#all,
          page.filter(({ id }) => !this.#changed.has(id)),
        );
        this.#phase = { state: 'ready' };
        const last = page.at(-1);
        if (!last || page.length < firstPage) return;
        page = await this.#page(nextPages, last);
      }
    } catch (error) {
      if (load === this.#loads && this.#phase.state !== 'ready')
        this.#phase = { state: 'failed', fault: faultOf(error) };
    }
  }

  #page(limit: number, last: ConversationView | undefined) {
    const after = last && { pinnedAt: last.pinnedAt, activeAt: last.activeAt, id: last.id };
    return this.#engine.invoke('conversations.list', { limit, ...(after ? { after } : {}) });
  }
}
