/** Fills one blob from whatever sources there are: gives out chunks to fetch, takes what comes, drops who brings what is wrong. */
import { chunkFormat, ParleyError } from '../../../protocol/index.ts';
import type { BlobRef, BlobState, BlobVault, ChunkRun } from '../blobs/blob-vault.ts';
import { createChunkPlan } from './chunk-plan.ts';
import type { Source, Wanted } from './source.ts';

export interface Download extends Wanted {
  /** Makes a place in the vault. @returns whether there is something to fetch. */
  open(): Promise<boolean>;
  isOpen(): boolean;
  /** @param device null for the relay. */
  isBanned(device: Source['device']): boolean;
  /** These chunks before all others. */
  hurry(run: ChunkRun): void;
  /** The first hurried chunk that nobody fetches yet. */
  firstHurried(): number | null;
  heldBytes(): number;
  /** Nothing is given out or taken any more. */
  close(): void;
}

export interface DownloadDeps {
  readonly ref: BlobRef;
  readonly vault: BlobVault;
  /** A chunk was stored. */
  readonly onStored: (source: Source, plainBytes: number) => void;
  readonly onWhole: () => void;
  /** The source brought what does not belong to this blob: it is to be told, and not asked again. */
  readonly onBanned: (source: Source) => void;
  /** Chunks are free to be asked of others. */
  readonly onFree: () => void;
  /** Storing failed. */
  readonly onFault: (error: unknown) => void;
}

export function createDownload({ ref, vault, ...on }: DownloadDeps): Download {
  const { blob } = ref;
  /** By device; null stands for the relay. */
  const banned = new Set<Source['device']>();
  let state: BlobState | null = null;
  let open = false;
  /** Lists of hashes are looked at one after another; the first that fits is kept. */
  let listing = Promise.resolve();

  const chunks = () => state?.chunks ?? 0;
  const plan = createChunkPlan<Source>({
    get chunks() {
      return chunks();
    },
    holds: (index) => vault.holds(blob, index),
    missing: (from, limit) => vault.missing(blob, from, limit),
  });

  function ban(source: Source): void {
    if (banned.has(source.device)) return;
    banned.add(source.device);
    on.onBanned(source);
    plan.giveBack(source);
    on.onFree();
  }

  function lookWhole(): void {
    if (!open || !vault.state(blob)?.whole) return;
    open = false;
    on.onWhole();
  }

  async function takeHashes(source: Source, hashes: Uint8Array): Promise<void> {
    try {
      if (!open || vault.state(blob)?.hashed) return;
      if (!(await vault.takeHashes(blob, hashes))) return ban(source);
      // What an earlier run left may be all there is.
      lookWhole();
      on.onFree();
    } catch (error) {
      on.onFault(error);
    }
  }

  return {
    blob,
    get chunks() {
      return chunks();
    },
    async open() {
      state = await vault.expect(ref);
      open = !state.whole;
      return open;
    },
    isOpen: () => open,
    heldChunks: () => vault.state(blob)?.heldChunks ?? 0,
    heldBytes: () => vault.state(blob)?.heldBytes ?? 0,
    needsHashes: () => !(vault.state(blob)?.hashed ?? false),
    isBanned: (device) => banned.has(device),

    takeHashes(source, hashes) {
      listing = listing.then(() => takeHashes(source, hashes));
      return listing;
    },

    next: (source, held, limit) => (open && !banned.has(source.device) ? plan.take(source, held, limit) : null),

    async take(source, index, sealed) {
      try {
        if (!open || banned.has(source.device)) return;
        const outcome = await vault.put(blob, index, sealed);
        if (outcome === 'refused') ban(source);
        if (outcome === 'stored') on.onStored(source, sealed.byteLength - chunkFormat.tagBytes);
        lookWhole();
      } catch (error) {
        on.onFault(error);
      } finally {
        plan.settle(index);
      }
    },

    without: (index) => {
      plan.settle(index);
      on.onFree();
    },
    giveBack(source) {
      if (plan.giveBack(source)) on.onFree();
    },
    hurry: (run) => plan.hurry(run),
    firstHurried: () => (open ? plan.firstHurried() : null),
    close: () => void (open = false),
  };
}

/** For a viewer that waits for bytes that do not come. */
export function notComing(): ParleyError {
  return new ParleyError('unreachable', {
    message: 'The file is not coming in right now. It goes on when the relay or somebody who has it can be reached.',
  });
}
