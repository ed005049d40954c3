/** Serves chunks to one device: what it asked for in order, one blob after the other, no more queued than is fair. */
import { chunkFormat, chunkPlace, type BlobId } from '../../../protocol/index.ts';
import type { BlobVault } from '../blobs/blob-vault.ts';
import type { BulkFrame } from './frame-writer.ts';
import {
  badFrame,
  encodePeerFrame,
  hashesPerFrame,
  layOutPeerFrame,
  runsPerFrame,
  type PeerHead,
  type PeerHeadOf,
} from './peer-frames.ts';

export interface Serving {
  ask(head: PeerHeadOf<'ask'>): void;
  getHashes(blob: BlobId): void;
  get(head: PeerHeadOf<'get'>): void;
  stop(blob: BlobId): void;
  /** This blob is not to be had here any more, such as one that was paused. */
  withdraw(blob: BlobId): void;
  /**
   * The next frame with bytes; null when nothing waits. A frame stands until the one after the next is asked for, which may
   * be written over it: fresh memory for each chunk would have V8 collect all the time.
   */
  nextFrame(): Promise<BulkFrame | null>;
  /** Whether something of the blob was asked for and not yet sent. */
  isBusy(): boolean;
}

export interface ServingDeps {
  readonly vault: BlobVault;
  /** Whether the device's user may have the blob, and this person hands it out. */
  readonly mayServe: (blob: BlobId) => boolean;
  readonly say: (head: PeerHead) => void;
  /** There are frames to send. */
  readonly wake: () => void;
  /** The device came for a blob of which it has so many chunks. */
  readonly onAsked: (blob: BlobId, have: number) => void;
  /** A chunk was handed to the connection. */
  readonly onServed: (blob: BlobId, plainBytes: number) => void;
  readonly onLeft: (blob: BlobId) => void;
}

type Job = { readonly get: 'chunk'; readonly index: number } | { readonly get: 'hashes'; readonly from: number };

/** Twice the window of an asker of this build. */
const mostJobs = 64;
const mostBlobs = 512;

export function createServing({ vault, mayServe, say, wake, onAsked, onServed, onLeft }: ServingDeps): Serving {
  /** Blobs that the device came for, and what it wants of each; in turn. */
  const queues = new Map<BlobId, Job[]>();
  /** Of the two frames given out before; the older one first. */
  let memories: readonly [Uint8Array | null, Uint8Array | null] = [null, null];

  function leave(blob: BlobId): void {
    if (queues.delete(blob)) onLeft(blob);
  }

  function add(blob: BlobId, job: Job): void {
    const queue = queues.get(blob);
    if (!queue) return say({ type: 'missing', blob });
    if (queue.length >= mostJobs) throw badFrame('too many requests');
    queue.push(job);
    wake();
  }

  /** The first blob with work goes to the end of the row. */
  function nextJob(): [BlobId, Job] | null {
    for (const [blob, queue] of queues) {
      const job = queue.shift();
      if (!job) continue;
      queues.delete(blob);
      queues.set(blob, queue);
      return [blob, job];
    }
    return null;
  }

  async function chunkFrame(blob: BlobId, index: number): Promise<Uint8Array | null> {
    const state = vault.holds(blob, index) ? vault.state(blob) : null;
    if (!state) return lackChunk(blob, index);
    const [older, newer] = memories;
    const { sealedBytes } = chunkPlace(state.bytes, index);
    const { frame, place } = layOutPeerFrame({ type: 'chunk', blob, index }, sealedBytes, older);
    const sealed = await vault.sealed(blob, index, place);
    if (!queues.has(blob)) return null;
    if (!sealed) return lackChunk(blob, index);
    memories = [newer, frame];
    onServed(blob, sealed.byteLength - chunkFormat.tagBytes);
    return frame;
  }

  function lackChunk(blob: BlobId, index: number): null {
    say({ type: 'missing', blob, index });
    return null;
  }

  async function hashesFrame(blob: BlobId, from: number): Promise<Uint8Array | null> {
    const hashes = await vault.hashes(blob);
    const queue = queues.get(blob);
    if (!queue) return null;
    if (!hashes) {
      say({ type: 'missing', blob });
      return null;
    }
    const count = hashes.byteLength / chunkFormat.hashBytes;
    const to = Math.min(count, from + hashesPerFrame);
    if (to < count) queue.unshift({ get: 'hashes', from: to });
    const part = hashes.subarray(from * chunkFormat.hashBytes, to * chunkFormat.hashBytes);
    return encodePeerFrame({ type: 'hashes', blob, from }, part);
  }

  return {
    ask({ blob, have }) {
      const state = vault.state(blob);
      if (!state || state.heldChunks === 0 || !mayServe(blob)) return say({ type: 'missing', blob });
      if (!queues.has(blob) && queues.size >= mostBlobs) throw badFrame('too many blobs');
      queues.set(blob, queues.get(blob) ?? []);
      const runs = vault.held(blob).slice(0, runsPerFrame);
      say({ type: 'held', blob, runs: runs.map(({ from, to }) => [from, to]) });
      onAsked(blob, have);
    },
    getHashes: (blob) => add(blob, { get: 'hashes', from: 0 }),
    get: ({ blob, index }) => add(blob, { get: 'chunk', index }),
    stop: leave,
    withdraw(blob) {
      if (!queues.has(blob)) return;
      leave(blob);
      say({ type: 'missing', blob });
    },
    async nextFrame() {
      for (let next = nextJob(); next; next = nextJob()) {
        const [blob, job] = next;
        // Each chunk is asked for by its place; a list comes in parts, one after another.
        const anyOrder = job.get === 'chunk';
        const frame = anyOrder ? await chunkFrame(blob, job.index) : await hashesFrame(blob, job.from);
        if (frame) return { frame, anyOrder };
      }
      return null;
    },
    isBusy: () => [...queues.values()].some((queue) => queue.length > 0),
  };
}
