/** The files of one conversation, page after page, as the chosen tab and the search want them. */
import type { InputOf } from '../../../bridge/contract.ts';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { GalleryItem } from '../../../bridge/media-views.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import { faultOf, type Fault } from '../faults.ts';
import type { ConversationId } from '../ids.ts';
import { refKey } from '../transfers/transfer-order.ts';

type Engine = Pick<RpcClient<EngineContract>, 'invoke' | 'on'>;
export type GalleryFilter = InputOf<EngineContract, 'media.list'>['filter'];

export type GalleryPhase = { state: 'loading' } | { state: 'ready' } | { state: 'failed'; fault: Fault };

const pageSize = 60;
const longestQuery = 200;

export class Gallery {
  readonly #engine: Engine;
  readonly #conversation: ConversationId;
  readonly #delayMs: number;
  #filter = $state.raw<GalleryFilter>('pictures');
  #query = $state.raw('');
  /** The words of what is shown; `#query` may be ahead of it. */
  #searched = '';
  #items = $state.raw<readonly GalleryItem[]>([]);
  #phase = $state.raw<GalleryPhase>({ state: 'loading' });
  #hasMore = $state.raw(false);
  #moreFault = $state.raw<Fault | null>(null);
  /** Counts questions; an answer to an older one is dropped. */
  #asked = 0;
  #loadingMore = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(engine: Engine, conversation: ConversationId, delayMs = 200) {
    this.#engine = engine;
    this.#conversation = conversation;
    this.#delayMs = delayMs;
  }

  get filter(): GalleryFilter {
    return this.#filter;
  }
  set filter(filter: GalleryFilter) {
    if (filter === this.#filter) return;
    this.#filter = filter;
    this.#items = [];
    this.#phase = { state: 'loading' };
    void this.load();
  }
  get query(): string {
    return this.#query;
  }
  /** Asks once typing stops; what was found before stays until the answer is there. */
  set query(query: string) {
    this.#query = query.slice(0, longestQuery);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.load(), this.#delayMs);
  }
  /** Newest first. */
  get items(): readonly GalleryItem[] {
    return this.#items;
  }
  /** Whether what is shown is the answer to a search. */
  get searching(): boolean {
    return this.#query.trim() !== '';
  }
  get phase(): GalleryPhase {
    return this.#phase;
  }
  get hasMore(): boolean {
    return this.#hasMore;
  }
  /** Why the next page could not be loaded. */
  get moreFault(): Fault | null {
    return this.#moreFault;
  }

  /** Loads from the newest on. What is shown stays until the answer is there. */
  async load(): Promise<void> {
    const asked = ++this.#asked;
    this.#loadingMore = false;
    this.#searched = this.#query.trim();
    if (this.#phase.state === 'failed') this.#phase = { state: 'loading' };
    try {
      const items = await this.#page(undefined);
      if (asked !== this.#asked) return;
      this.#items = items;
      this.#hasMore = items.length === pageSize;
      this.#moreFault = null;
      this.#phase = { state: 'ready' };
    } catch (error) {
      if (asked === this.#asked) this.#phase = { state: 'failed', fault: faultOf(error) };
    }
  }

  async loadMore(): Promise<void> {
    const last = this.#items.at(-1);
    if (!last || !this.#hasMore || this.#loadingMore) return;
    const asked = this.#asked;
    this.#loadingMore = true;
    this.#moreFault = null;
    try {
      const items = await this.#page(last.place);
      if (asked !== this.#asked) return;
      this.#items = [...this.#items, ...items];
      this.#hasMore = items.length === pageSize;
    } catch (error) {
      if (asked === this.#asked) this.#moreFault = faultOf(error);
    } finally {
      if (asked === this.#asked) this.#loadingMore = false;
    }
  }

  /** Follows the conversation while it is shown. @returns stops that. */
  follow(): () => void {
    void this.load();
    const stop = this.#engine.on('messages.changed', ({ conversation, messages, removed, reload }) => {
      if (conversation !== this.#conversation) return;
      const withFiles = messages.some(({ content }) => content.kind === 'media');
      if (reload) void this.load();
      else if (withFiles || removed.length > 0) void this.#takeNewest();
    });
    return () => {
      clearTimeout(this.#timer);
      stop();
    };
  }

  /** Puts the newest page in front of what was loaded before, so that nobody loses their place. */
  async #takeNewest(): Promise<void> {
    const asked = this.#asked;
    try {
      const newest = await this.#page(undefined);
      if (asked !== this.#asked || this.#phase.state !== 'ready') return;
      const last = newest.at(-1);
      const older = newest.length < pageSize || !last ? [] : this.#items.filter(({ place }) => place < last.place);
      const known = new Set(newest.map(({ ref }) => refKey(ref)));
      this.#items = [...newest, ...older.filter(({ ref }) => !known.has(refKey(ref)))];
      if (newest.length < pageSize) this.#hasMore = false;
    } catch {
      // The next change asks again; what is shown stays true as far as it goes.
    }
  }

  #page(before: number | undefined): Promise<GalleryItem[]> {
    return this.#engine.invoke('media.list', {
      conversation: this.#conversation,
      filter: this.#filter,
      query: this.#searched,
      limit: pageSize,
      ...(before === undefined ? {} : { before }),
    });
  }
}
