/** What files take on this computer, and the freeing of it. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { StorageUsage } from '../../../bridge/media-views.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import { faultOf, type Fault } from '../faults.ts';
import type { ConversationId } from '../ids.ts';
import { bytesWords } from '../media/media-words.ts';

export type StoragePhase =
  { state: 'loading' } | { state: 'ready'; usage: StorageUsage } | { state: 'failed'; fault: Fault };

export class StorageUse {
  readonly #engine: Pick<RpcClient<EngineContract>, 'invoke'>;
  #phase = $state.raw<StoragePhase>({ state: 'loading' });

  constructor(engine: Pick<RpcClient<EngineContract>, 'invoke'>) {
    this.#engine = engine;
  }

  get phase(): StoragePhase {
    return this.#phase;
  }

  /** The conversations with the most come first. */
  async load(): Promise<void> {
    if (this.#phase.state === 'failed') this.#phase = { state: 'loading' };
    try {
      const usage = await this.#engine.invoke('storage.usage');
      const conversations = usage.conversations.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes);
      this.#phase = { state: 'ready', usage: { ...usage, conversations } };
    } catch (error) {
      this.#phase = { state: 'failed', fault: faultOf(error) };
    }
  }

  /** @param conversation null: of all. @returns what came of it, in words. @throws what the engine says. */
  async free(conversation: ConversationId | null): Promise<string> {
    const freed = await this.#engine.invoke('storage.free', { conversation });
    await this.load();
    if (freed.files === 0) return 'Nothing was removed: nobody else has these files yet.';
    return `Freed ${bytesWords(freed.bytes)}: ${filesWords(freed.files)}.`;
  }
}

/** "one file", "1,204 files". */
export function filesWords(files: number, locale?: string): string {
  return files === 1 ? 'one file' : `${files.toLocaleString(locale)} files`;
}
