/** Asks one device for chunks: a bounded window over the whole connection, shared in turn by all wanted blobs. */
import { chunkFormat, type BlobId } from '../../../protocol/index.ts';
import type { ChunkRun } from '../blobs/blob-vault.ts';
import type { Clock } from '../runtime/clock.ts';
import { badFrame, type PeerHead, type PeerHeadOf } from './peer-frames.ts';
import type { Source, Wanted } from './source.ts';
import type { TransferTiming } from './timing.ts';

export interface Asking {
  want(wanted: Wanted): void;
  /** Not wanted any more, or not from here. */
  forget(blob: BlobId): void;
  wants(blob: BlobId): boolean;
  /** Whether something was asked of the blob and not answered yet. */
  isMoving(blob: BlobId): boolean;
  /** Something else may be free to be asked for. */
  refill(): void;
  held(head: PeerHeadOf<'held'>): void;
  hashes(head: PeerHeadOf<'hashes'>, bytes: Uint8Array): void;
  chunk(head: PeerHeadOf<'chunk'>, bytes: Uint8Array): void;
  missing(head: PeerHeadOf<'missing'>): void;
  isEmpty(): boolean;
  /** The connection is over: everything is given back. */
  stop(): void;
}

export interface AskingDeps {
  readonly source: Source;
  readonly clock: Clock;
  readonly timing: TransferTiming;
  readonly say: (head: PeerHead) => void;
  /** The device has nothing (more) of the blob, or stopped bringing it. */
  readonly onLacking: (blob: BlobId) => void;
  /** Nothing comes on the whole connection. */
  readonly onSilent: () => void;
}

interface Interest {
  readonly wanted: Wanted;
  held: readonly ChunkRun[];
  /** Chunks asked for, with the time of asking. */
  readonly asked: Map<number, number>;
  /** The list of hashes while it comes in parts. */
  list: { readonly bytes: Uint8Array; filled: number } | null;
  /** Whether the device has yet to say what it has. */
  awaitsHeld: boolean;
  heardAt: number;
  refreshAt: number;
}

/**
 * Chunks under way on one connection at most: 4 MiB, enough for 40 MB/s over 100 ms, little enough for the memory of
 * both sides. It starts small, so that a slow path is not given minutes of work at once.
 */
const widestWindow = 16;
const firstWindow = 4;
const narrowestWindow = 2;
/** A chunk that took less lets the window grow, one that took more makes it smaller. */
const quickMs = 1_000;
const slowMs = 4_000;
const lookMs = 1_000;

export function createAsking({ source, clock, timing, say, onLacking, onSilent }: AskingDeps): Asking {
  const interests = new Map<BlobId, Interest>();
  let window = firstWindow;
  let underWay = 0;
  let heardAt = clock.monotonic();
  let stopped = false;
  let cancelLook: (() => void) | null = null;

  function want(wanted: Wanted): void {
    if (stopped || interests.has(wanted.blob)) return;
    const now = clock.monotonic();
    if (!isBusy()) heardAt = now;
    interests.set(wanted.blob, {
      wanted,
      held: [],
      asked: new Map(),
      list: null,
      awaitsHeld: true,
      heardAt: now,
      refreshAt: now + timing.refreshMs,
    });
    say({ type: 'ask', blob: wanted.blob, have: wanted.heldChunks() });
    cancelLook ??= clock.after(lookMs, look);
  }

  /** Takes a blob off the list; what it was given goes back. */
  function drop(interest: Interest): void {
    if (!interests.delete(interest.wanted.blob)) return;
    underWay -= interest.asked.size;
    interest.asked.clear();
    interest.wanted.giveBack(source);
    refill();
  }

  const awaits = ({ asked, list, awaitsHeld }: Interest) => asked.size > 0 || list !== null || awaitsHeld;
  const isBusy = () => [...interests.values()].some(awaits);

  /** Looks whether what was asked for comes, and asks again those who had only a part. */
  function look(): void {
    cancelLook = null;
    if (stopped || interests.size === 0) return;
    const now = clock.monotonic();
    if (isBusy() && now - heardAt >= timing.silentMs) return onSilent();
    for (const interest of [...interests.values()]) {
      if (awaits(interest) && now - interest.heardAt >= timing.stalledMs) lack(interest, true);
      else if (!awaits(interest) && now >= interest.refreshAt) refresh(interest, now);
    }
    cancelLook = clock.after(lookMs, look);
  }

  function refresh(interest: Interest, now: number): void {
    interest.refreshAt = now + timing.refreshMs;
    interest.heardAt = now;
    heardAt = now;
    interest.awaitsHeld = true;
    say({ type: 'ask', blob: interest.wanted.blob, have: interest.wanted.heldChunks() });
  }

  function lack(interest: Interest, tell: boolean): void {
    if (tell) say({ type: 'stop', blob: interest.wanted.blob });
    // First, so that what is given back is not asked of this device again.
    onLacking(interest.wanted.blob);
    drop(interest);
  }

  /** One chunk for each blob in turn, until the window is full or nothing is left to ask for. */
  function refill(): void {
    for (let asked = true; asked && underWay < window && !stopped;) {
      asked = false;
      for (const interest of [...interests.values()]) if (underWay < window && askNext(interest)) asked = true;
    }
  }

  function askNext(interest: Interest): boolean {
    const { wanted, held, asked, list } = interest;
    if (held.length === 0 || list !== null || wanted.needsHashes()) return false;
    const run = wanted.next(source, held, 1);
    if (!run) return false;
    const now = clock.monotonic();
    if (asked.size === 0) interest.heardAt = now;
    if (underWay === 0) heardAt = now;
    asked.set(run.from, now);
    underWay++;
    say({ type: 'get', blob: wanted.blob, index: run.from });
    return true;
  }

  function hear(blob: BlobId): Interest | null {
    heardAt = clock.monotonic();
    const interest = interests.get(blob);
    if (interest) interest.heardAt = heardAt;
    return interest ?? null;
  }

  function takeHeld({ blob, runs }: PeerHeadOf<'held'>): void {
    const interest = hear(blob);
    if (!interest) return;
    const { wanted } = interest;
    interest.awaitsHeld = false;
    interest.held = runs.map(([from, to]) => ({ from, to: Math.min(to, wanted.chunks) })).filter((r) => r.from < r.to);
    if (wanted.needsHashes() && !interest.list && interest.held.length > 0) {
      interest.list = { bytes: new Uint8Array(wanted.chunks * chunkFormat.hashBytes), filled: 0 };
      say({ type: 'get-hashes', blob });
    }
    refill();
  }

  function takeHashes({ blob, from }: PeerHeadOf<'hashes'>, bytes: Uint8Array): void {
    const interest = hear(blob);
    const list = interest?.list;
    if (!interest || !list) return;
    const fits =
      from * chunkFormat.hashBytes === list.filled && bytes.byteLength <= list.bytes.byteLength - list.filled;
    if (!fits || bytes.byteLength === 0) throw badFrame('hashes out of place');
    list.bytes.set(bytes, list.filled);
    list.filled += bytes.byteLength;
    if (list.filled < list.bytes.byteLength) return;
    void interest.wanted.takeHashes(source, list.bytes).then(() => {
      interest.list = null;
      refill();
    });
  }

  function takeChunk({ blob, index }: PeerHeadOf<'chunk'>, bytes: Uint8Array): void {
    const interest = hear(blob);
    const askedAt = interest?.asked.get(index);
    // One that was given up in the meantime may still arrive.
    if (!interest || askedAt === undefined) return;
    adaptWindow(clock.monotonic() - askedAt);
    void interest.wanted.take(source, index, bytes).then(() => {
      if (interest.asked.delete(index)) underWay--;
      refill();
    });
  }

  function adaptWindow(tookMs: number): void {
    if (tookMs < quickMs) window = Math.min(widestWindow, window + 1);
    else if (tookMs > slowMs) window = Math.max(narrowestWindow, window - 1);
  }

  function takeMissing({ blob, index }: PeerHeadOf<'missing'>): void {
    const interest = hear(blob);
    if (!interest) return;
    if (index === undefined) return lack(interest, false);
    if (!interest.asked.delete(index)) return;
    underWay--;
    // It is not asked for here again before the device has told anew what it has.
    interest.held = without(interest.held, index);
    interest.wanted.without(index);
    refill();
  }

  return {
    want,
    forget(blob) {
      const interest = interests.get(blob);
      if (!interest) return;
      say({ type: 'stop', blob });
      drop(interest);
    },
    wants: (blob) => interests.has(blob),
    isMoving(blob) {
      const interest = interests.get(blob);
      return interest !== undefined && awaits(interest);
    },
    refill,
    held: takeHeld,
    hashes: takeHashes,
    chunk: takeChunk,
    missing: takeMissing,
    isEmpty: () => interests.size === 0,
    stop() {
      stopped = true;
      cancelLook?.();
      for (const interest of [...interests.values()]) drop(interest);
    },
  };
}

function without(runs: readonly ChunkRun[], index: number): ChunkRun[] {
  return runs.flatMap(({ from, to }) =>
    index < from || index >= to
      ? [{ from, to }]
      : [
          { from, to: index },
          { from: index + 1, to },
        ].filter((run) => run.from < run.to),
  );
}
