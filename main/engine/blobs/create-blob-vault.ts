/** The vault over the account's folder and its table of blobs. */
import { chunkFormat, chunkPlace, ParleyError, type BlobId } from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';
import { stored } from '../storage/faults.ts';
import type { Store } from '../storage/store.ts';
import { createBlobFiles } from './blob-files.ts';
import type { BlobRef, BlobState, BlobVault } from './blob-vault.ts';
import { createBlobWriter, type BlobWriter } from './blob-writer.ts';
import { createChunkReader } from './chunk-reader.ts';
import { searchChunks } from './chunk-search.ts';
import { hashOfChunk } from './chunk-sealing.ts';
import { createHashLists, hashAt } from './hash-lists.ts';
import { adoptStaged, settleStage } from './staging.ts';
import { createVaultEntries, stateOf, type VaultEntry } from './vault-entries.ts';
import { createVaultMarks } from './vault-marks.ts';

/** What the engine does with its vault beside moving blobs: making them, and letting go of them for good. */
export interface EngineVault extends BlobVault {
  /** Puts the staging area in order after an earlier run. Once, before anything else. */
  open(): Promise<void>;
  /** Seals bytes under a fresh key into the staging area, as they come. */
  writer(): BlobWriter;
  /** Makes blobs from the staging area part of the vault, together with what `write` writes, or not at all. */
  adopt(refs: readonly BlobRef[], write: () => void): Promise<void>;
  /** Removes a blob and all knowledge of it, staged or not. */
  forget(blob: BlobId): Promise<void>;
  /** Looks for a known blob's chunks on the disk if none is known to be here. @returns whether any was found. */
  search(blob: BlobId): Promise<boolean>;
}

export interface VaultDeps {
  /** Of the account. */
  readonly folder: string;
  readonly store: Pick<Store, 'blobs' | 'transact'>;
  readonly clock: Clock;
  /** Storing failed where nobody waits for it. */
  readonly onFault: (error: unknown) => void;
}

const mostAtOnce = 1024 * 1024;

export function createBlobVault({ folder, store, clock, onFault }: VaultDeps): EngineVault {
  const files = createBlobFiles(folder);
  const entries = createVaultEntries(store.blobs, files);
  const lists = createHashLists(files);
  const marks = createVaultMarks({ store, files, clock, onFault });
  const listeners = new Map<BlobId, Set<() => void>>();

  const chunks = createChunkReader({
    files,
    lists,
    onLost(entry) {
      marks.note(entry);
      notify(entry.ref.blob);
    },
  });

  function notify(blob: BlobId): void {
    for (const listener of [...(listeners.get(blob) ?? [])]) listener();
  }

  async function write(entry: VaultEntry, index: number, sealed: Uint8Array): Promise<void> {
    const { era } = entry;
    entry.writing.add(index);
    try {
      await stored(() => files.write(entry.ref.blob, chunkPlace(entry.ref.bytes, index).sealedStart, sealed));
    } finally {
      entry.writing.delete(index);
    }
    if (entry.era !== era) return;
    entry.set.add(index);
    marks.note(entry);
    if (entry.set.isFull) await stored(() => marks.flush());
    notify(entry.ref.blob);
  }

  async function search(entry: VaultEntry): Promise<void> {
    if (entry.searched) return;
    entry.searched = true;
    const hashes = await chunks.hashes(entry);
    if (!hashes || !(await searchChunks(files, entry, hashes))) return;
    marks.note(entry);
    if (entry.set.isFull) await marks.flush();
    notify(entry.ref.blob);
  }

  /** Lets go of what is here. @param change what happens to the row. */
  async function clear(blob: BlobId, change: () => void): Promise<void> {
    const entry = entries.get(blob);
    if (entry) {
      entry.era++;
      entry.set.clear();
      entry.hashed = false;
      entry.searched = true;
      marks.drop(entry);
    }
    lists.forget(blob);
    await stored(async () => {
      store.transact(change);
      await files.remove(blob);
    });
    notify(blob);
  }

  function addWhole(ref: BlobRef): void {
    store.blobs.add(ref);
    store.blobs.mark(ref.blob, new Uint8Array(), true);
  }

  const held = (blob: BlobId, index: number) => {
    const entry = entries.get(blob);
    return entry?.set.has(index) ? entry : null;
  };

  return {
    open: () => settleStage(files, (blob) => entries.get(blob) !== null),
    writer: () => createBlobWriter(files),
    adopt: (refs, change) =>
      stored(() =>
        adoptStaged(files, refs, () => {
          store.transact(() => {
            for (const ref of refs) addWhole(ref);
            change();
          });
          for (const { blob } of refs) entries.forget(blob);
        }),
      ),
    async forget(blob) {
      await clear(blob, () => store.blobs.remove(blob));
      entries.forget(blob);
      await settleStage(
        files,
        (other) => other !== blob,
        (name) => name.startsWith(blob),
      );
    },
    async search(blob) {
      const entry = entries.get(blob);
      if (!entry || entry.searched || entry.set.count > 0) return false;
      await stored(() => search(entry));
      return entry.set.count > 0;
    },
    state(blob) {
      const entry = entries.get(blob);
      return entry ? stateOf(entry) : null;
    },
    async expect(ref): Promise<BlobState> {
      return stored(async () => {
        if (!entries.get(ref.blob)) store.transact(() => store.blobs.add(ref));
        const entry = entries.get(ref.blob);
        if (!entry) throw new Error('A blob that was just added is not there.');
        await search(entry);
        return stateOf(entry);
      });
    },
    async takeHashes(blob, hashes) {
      const entry = entries.get(blob);
      if (!entry) return false;
      const fits = await stored(() => lists.put(blob, entry.set.size, hashes));
      if (!fits) return false;
      const wasHashed = entry.hashed;
      entry.hashed = true;
      if (!wasHashed) entry.searched = false;
      await stored(() => search(entry));
      return true;
    },
    async hashes(blob) {
      const entry = entries.get(blob);
      return entry ? stored(() => chunks.hashes(entry)) : null;
    },
    holds: (blob, index) => held(blob, index) !== null,
    missing: (blob, from, limit) => entries.get(blob)?.set.missing(from, limit) ?? null,
    held: (blob) => entries.get(blob)?.set.runs() ?? [],
    async put(blob, index, sealed) {
      const entry = entries.get(blob);
      if (!entry || entry.set.has(index) || entry.writing.has(index)) return 'repeated';
      if (index < 0 || index >= entry.set.size) return 'refused';
      const hashes = await stored(() => chunks.hashes(entry));
      if (!hashes) throw new Error('A chunk came before the hashes of its blob.');
      if (sealed.byteLength !== chunkPlace(entry.ref.bytes, index).sealedBytes) return 'refused';
      if (!hashOfChunk(sealed).equals(hashAt(hashes, index))) return 'refused';
      if (entry.set.has(index) || entry.writing.has(index)) return 'repeated';
      await write(entry, index, sealed);
      return 'stored';
    },
    async sealed(blob, index, into) {
      const entry = held(blob, index);
      return entry ? chunks.sealed(entry, index, into) : null;
    },
    async *sealedStream(blob, from) {
      const entry = entries.get(blob);
      if (!entry?.set.isFull) throw notWhole();
      const memory = Buffer.allocUnsafeSlow(chunkFormat.sealedBytes);
      for (let index = Math.floor(from / chunkFormat.sealedBytes); index < entry.set.size; index++) {
        const sealed = await chunks.sealed(entry, index, memory);
        if (!sealed) throw notWhole();
        const { sealedStart } = chunkPlace(entry.ref.bytes, index);
        yield sealed.subarray(Math.max(0, from - sealedStart));
      }
    },
    async plain(blob, from, length) {
      const entry = entries.get(blob);
      if (!entry) return null;
      const to = Math.min(entry.ref.bytes, from + Math.min(length, mostAtOnce));
      const plain = new Uint8Array(Math.max(0, to - from));
      for (let at = from; at < to;) {
        const index = Math.floor(at / chunkFormat.plainBytes);
        const chunk = entry.set.has(index) ? await chunks.plain(entry, index) : null;
        if (!chunk) return null;
        const { plainStart } = chunkPlace(entry.ref.bytes, index);
        const part = chunk.subarray(at - plainStart, to - plainStart);
        plain.set(part, at - from);
        at += part.byteLength;
      }
      return plain;
    },
    onProgress(blob, listener) {
      const here = listeners.get(blob) ?? new Set();
      listeners.set(blob, here.add(listener));
      return () => {
        here.delete(listener);
        if (here.size === 0 && listeners.get(blob) === here) listeners.delete(blob);
      };
    },
    remove: (blob) => clear(blob, () => store.blobs.mark(blob, new Uint8Array(), false)),
    flush: () => stored(() => marks.flush()),
    async close() {
      marks.stop();
      await marks.flush().catch(onFault);
      await files.close();
    },
  };
}

function notWhole(): ParleyError {
  return new ParleyError('file_unreadable', {
    message: 'A part of the file is missing or damaged on this disk. Send the file again.',
  });
}
