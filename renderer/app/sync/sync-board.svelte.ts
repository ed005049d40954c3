/** Whether conversations are the same on all devices, as far as the engine told. */
import { SvelteMap } from 'svelte/reactivity';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { SyncStatus } from '../../../bridge/views.ts';
import type { ConversationId } from '../ids.ts';

export class SyncBoard {
  readonly #engine: Pick<RpcClient<EngineContract>, 'invoke' | 'on'>;
  readonly #known = new SvelteMap<ConversationId, SyncStatus>();
  /** Questions under way: header and details of one conversation ask together. */
  readonly #asked = new Map<ConversationId, Promise<void>>();

  constructor(engine: Pick<RpcClient<EngineContract>, 'invoke' | 'on'>) {
    this.#engine = engine;
    engine.on('sync.changed', (status) => this.#known.set(status.conversation, status));
  }

  of(conversation: ConversationId): SyncStatus | undefined {
    return this.#known.get(conversation);
  }

  /** Asks what is known; the engine looks anew when that is old, and tells what it finds. */
  look(conversation: ConversationId): Promise<void> {
    const asked = this.#asked.get(conversation) ?? this.#ask(conversation);
    this.#asked.set(conversation, asked);
    return asked;
  }

  async #ask(conversation: ConversationId): Promise<void> {
    try {
      this.#known.set(conversation, await this.#engine.invoke('sync.status', { conversation }));
    } finally {
      this.#asked.delete(conversation);
    }
  }

  /** Looks now, from the first message on. @throws what the engine says. */
  async check(conversation: ConversationId): Promise<void> {
    await this.#engine.invoke('sync.check', { conversation });
  }

  reset(): void {
    this.#known.clear();
  }
}
