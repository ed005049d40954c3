/** Lets go of the files of deleted messages: ends their transfers and removes their bytes. */
import { ParleyError, type BlobId } from '../../../protocol/index.ts';
import type { EngineVault } from '../blobs/create-blob-vault.ts';
import type { Store } from '../storage/store.ts';
import type { Transfers } from '../transfers/transfers.ts';
import { isUsed } from './take-back.ts';

export interface LetGo {
  /** Messages may have been deleted. */
  look(): void;
  /** Resolves when nothing is being removed; nothing more begins. */
  close(): Promise<void>;
}

interface LetGoDeps {
  readonly store: Store;
  readonly vault: EngineVault;
  readonly transfers: Transfers;
  /** Storing failed where nobody waits for it. */
  readonly onFault: (error: unknown) => void;
}

/** What an earlier run left to remove is removed with the next look. */
export function createLetGo({ store, vault, transfers, onFault }: LetGoDeps): LetGo {
  let turn = Promise.resolve();
  let closed = false;

  async function run(): Promise<void> {
    for (const blob of store.released.all()) {
      if (closed) return;
      if (!isUsed(store, blob)) await remove(blob);
      store.transact(() => store.released.settle(blob));
    }
  }

  async function remove(blob: BlobId): Promise<void> {
    const ref = store.transfers.get(blob)?.ref;
    if (ref) await transfers.cancel(ref).catch(unlessUnlisted);
    await vault.forget(blob);
    transfers.unlist(blob);
  }

  return {
    look() {
      if (closed || store.released.all().length === 0) return;
      turn = turn.then(run).catch(onFault);
    },
    close() {
      closed = true;
      return turn;
    },
  };
}

/** One that was over when the engine started is on no list. */
function unlessUnlisted(error: unknown): void {
  if (!(error instanceof ParleyError && error.code === 'not_found')) throw error;
}
