/** The picture or video on the whole window, and the way to the next and the previous of its conversation. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { GalleryItem, MediaRef } from '../../../bridge/media-views.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import { refKey } from '../transfers/transfer-order.ts';
import { joinItems, type ViewedItem } from './viewed-items.ts';

/** More are asked for when fewer than this are left in the direction gone. */
const ahead = 3;
const pageSize = 100;

export class Viewer {
  readonly #engine: Pick<RpcClient<EngineContract>, 'invoke'>;
  #seeds = $state.raw<readonly ViewedItem[]>([]);
  /** Oldest first, up to the newest of the conversation. */
  #listed = $state.raw<readonly GalleryItem[]>([]);
  #key = $state.raw<string | null>(null);
  readonly #joined = $derived(joinItems(this.#seeds, this.#listed));
  readonly #index = $derived(this.#joined.items.findIndex(({ ref }) => refKey(ref) === this.#key));
  /** Counts openings; an answer to an older one is dropped. */
  #opened = 0;
  #loading = false;
  #complete = false;

  constructor(engine: Pick<RpcClient<EngineContract>, 'invoke'>) {
    this.#engine = engine;
  }

  /** What is shown; null while the viewer is closed. */
  get item(): ViewedItem | null {
    return this.#joined.items[this.#index] ?? null;
  }
  get previous(): ViewedItem | null {
    return this.#joined.items[this.#index - 1] ?? null;
  }
  get next(): ViewedItem | null {
    return this.#joined.items[this.#index + 1] ?? null;
  }

  /** @param seeds what is known of the pictures around it, oldest first and without gaps; it is among them */
  open(ref: MediaRef, seeds: readonly ViewedItem[]): void {
    this.#opened += 1;
    this.#seeds = seeds;
    this.#listed = [];
    this.#complete = false;
    this.#loading = false;
    this.#key = refKey(ref);
    void this.#extend();
  }

  close(): void {
    this.#opened += 1;
    this.#key = null;
    this.#seeds = [];
    this.#listed = [];
  }

  /** To the next (1) or the previous (-1); stays where there is none. */
  step(by: 1 | -1): void {
    const item = by === 1 ? this.next : this.previous;
    if (!item) return;
    this.#key = refKey(item.ref);
    void this.#extend();
  }

  /** Lists more of the conversation while the shown one is near an end of what is known. */
  async #extend(): Promise<void> {
    if (this.#loading) return;
    const opened = this.#opened;
    this.#loading = true;
    try {
      while (opened === this.#opened && this.#wantsMore()) await this.#page(opened);
    } catch {
      // What is known can be looked through; the next step asks again.
    } finally {
      if (opened === this.#opened) this.#loading = false;
    }
  }

  #wantsMore(): boolean {
    if (this.#complete || this.#key === null) return false;
    const { items, joined } = this.#joined;
    const nearOldest = this.#index < ahead;
    const nearNewest = this.#index >= items.length - ahead;
    return joined ? nearOldest : nearOldest || nearNewest;
  }

  async #page(opened: number): Promise<void> {
    const conversation = this.item?.ref.conversation;
    if (!conversation) return;
    const before = this.#listed[0]?.place;
    const found = await this.#engine.invoke('media.list', {
      conversation,
      filter: 'pictures',
      limit: pageSize,
      ...(before === undefined ? {} : { before }),
    });
    if (opened !== this.#opened) return;
    this.#complete = found.length < pageSize;
    this.#listed = [...found.toReversed(), ...this.#listed];
  }
}
