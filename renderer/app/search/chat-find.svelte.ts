/** The search inside the open conversation: whether it is open, what was found, and which hit is shown. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { SearchHit } from '../../../bridge/views.ts';
import type { ConversationId } from '../ids.ts';
import { MessageSearch, type MessageResult } from './message-search.svelte.ts';

export class ChatFind {
  readonly #search: MessageSearch;
  #open = $state.raw(false);
  #query = $state.raw('');
  #at = $state.raw(0);
  /** Steps whenever the field should take the focus. */
  #calls = $state.raw(0);
  readonly #hits = $derived.by((): readonly SearchHit[] => {
    const { result } = this.#search;
    return result.state === 'found' ? result.hits : [];
  });

  constructor(engine: Pick<RpcClient<EngineContract>, 'invoke'>, conversation: ConversationId, delayMs?: number) {
    this.#search = new MessageSearch(engine, { conversation, ...(delayMs === undefined ? {} : { delayMs }) });
  }

  get open(): boolean {
    return this.#open;
  }
  get calls(): number {
    return this.#calls;
  }
  get query(): string {
    return this.#query;
  }
  get result(): MessageResult {
    return this.#search.result;
  }
  /** Counted from 0, the newest first. */
  get at(): number {
    return this.#at;
  }
  get current(): SearchHit | null {
    return this.#hits[this.#at] ?? null;
  }
  get hasOlder(): boolean {
    const { result } = this;
    return this.#at + 1 < this.#hits.length || (result.state === 'found' && result.more);
  }

  start(): void {
    this.#open = true;
    this.#calls += 1;
  }

  ask(text: string): void {
    this.#query = text;
    this.#at = 0;
    this.#search.search(text);
  }

  close(): void {
    this.#open = false;
    this.ask('');
  }

  async older(): Promise<void> {
    if (this.#at + 1 >= this.#hits.length) await this.#search.more();
    if (this.#at + 1 < this.#hits.length) this.#at += 1;
  }

  newer(): void {
    if (this.#at > 0) this.#at -= 1;
  }
}
