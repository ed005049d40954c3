/** Writes down which chunks are here: first the data to disk, then the bitmaps, for all blobs at once. */
import type { Clock } from '../runtime/clock.ts';
import type { Store } from '../storage/store.ts';
import type { BlobFiles } from './blob-files.ts';
import { isMissingFile } from './durable-files.ts';
import type { VaultEntry } from './vault-entries.ts';

export interface VaultMarks {
  /** The entry's bitmap is different now; it is written soon. */
  note(entry: VaultEntry): void;
  /** The entry was removed: what is pending of it does not count. */
  drop(entry: VaultEntry): void;
  flush(): Promise<void>;
  stop(): void;
}

interface MarksDeps {
  readonly store: Pick<Store, 'blobs' | 'transact'>;
  readonly files: BlobFiles;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
}

/**
 * Often, so that little waits for the disk each time: what is typed meanwhile goes to the same disk, and would wait behind
 * the chunks of a whole second.
 */
const intervalMs = 200;
/** After a failure, such as a full disk, trying again at once would not help. */
const againMs = 5_000;

export function createVaultMarks({ store, files, clock, onFault }: MarksDeps): VaultMarks {
  const dirty = new Set<VaultEntry>();
  let cancel: (() => void) | null = null;
  let turn = Promise.resolve();
  let stopped = false;

  function schedule(ms: number): void {
    if (stopped) return;
    cancel ??= clock.after(ms, () => {
      cancel = null;
      flush().catch(onFault);
    });
  }

  function flush(): Promise<void> {
    turn = turn.catch(() => {}).then(write);
    return turn;
  }

  async function write(): Promise<void> {
    const due = [...dirty].map((entry) => ({
      entry,
      era: entry.era,
      have: entry.set.toBytes(),
      whole: entry.set.isFull,
    }));
    dirty.clear();
    if (due.length === 0) return;
    try {
      for (const { entry } of due) await syncData(entry);
      // Chunks that a power cut takes from the bitmap are found on the disk, or fetched again.
      store.transact(() => {
        for (const { entry, era, have, whole } of due) {
          if (entry.era === era) store.blobs.mark(entry.ref.blob, have, whole);
        }
      }, 'soon');
    } catch (error) {
      for (const { entry, era } of due) if (entry.era === era) dirty.add(entry);
      schedule(againMs);
      throw error;
    }
  }

  /** A file that somebody took away has nothing to sync; its chunks are missed when they are next read. */
  async function syncData({ ref }: VaultEntry): Promise<void> {
    await files.sync(ref.blob).catch((error: unknown) => {
      if (!isMissingFile(error)) throw error;
    });
  }

  return {
    note(entry) {
      dirty.add(entry);
      schedule(intervalMs);
    },
    drop: (entry) => void dirty.delete(entry),
    flush,
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
