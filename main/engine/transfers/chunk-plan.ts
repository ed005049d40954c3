/** Says which source fetches which chunk of a blob: no chunk is asked of two sources at once, and none is forgotten. */
import type { ChunkRun } from '../blobs/blob-vault.ts';

/** What is missing here, as the vault tells it. */
export interface MissingChunks {
  readonly chunks: number;
  holds(index: number): boolean;
  /** The first run of missing chunks at or after `from` (then from the start), at most `limit` long. */
  missing(from: number, limit: number): ChunkRun | null;
}

export interface ChunkPlan<S> {
  /**
   * Gives a source the next run that is missing, that it has, and that nobody else fetches; what is in a hurry first,
   * then from the beginning on. @param held runs that the source has, in order. @param limit chunks at most.
   */
  take(source: S, held: readonly ChunkRun[], limit: number): ChunkRun | null;
  /** The source answered for this chunk, or will not. */
  settle(index: number): void;
  /** The source will not bring what it was given. @returns whether there was anything. */
  giveBack(source: S): boolean;
  /** These chunks come before all others from now on. */
  hurry(run: ChunkRun): void;
  /** The first hurried chunk that is missing and that nobody fetches yet. */
  firstHurried(): number | null;
}

/** Chunks looked at in one step, so that runs given to others are passed in few steps. */
const stride = 64;

export function createChunkPlan<S>(blob: MissingChunks): ChunkPlan<S> {
  const owners = new Map<number, S>();
  let hurried: ChunkRun[] = [];
  /** Nothing is missing before it, or so it was when last looked. */
  let front = 0;

  /** The first free run in `from` up to `to`. */
  function freeRun(from: number, to: number, limit: number): ChunkRun | null {
    for (let at = from; at < to;) {
      const run = blob.missing(at, Math.max(limit, stride));
      if (!run || run.from < at || run.from >= to) return null;
      const end = Math.min(run.to, to);
      let first = run.from;
      while (first < end && owners.has(first)) first++;
      if (first < end) return { from: first, to: freeEnd(first, Math.min(end, first + limit)) };
      at = end;
    }
    return null;
  }

  function freeEnd(first: number, end: number): number {
    let last = first + 1;
    while (last < end && !owners.has(last)) last++;
    return last;
  }

  function freeRunAmong(wanted: ChunkRun, held: readonly ChunkRun[], limit: number): ChunkRun | null {
    for (const run of held) {
      const found = freeRun(Math.max(run.from, wanted.from), Math.min(run.to, wanted.to), limit);
      if (found) return found;
    }
    return null;
  }

  function moveFront(): void {
    const first = blob.missing(front, 1) ?? { from: blob.chunks, to: blob.chunks };
    front = first.from;
  }

  function dropHurried(): void {
    hurried = hurried.filter((run) => {
      const first = blob.missing(run.from, 1);
      return first !== null && first.from >= run.from && first.from < run.to;
    });
  }

  return {
    take(source, held, limit) {
      dropHurried();
      moveFront();
      const all = { from: front, to: blob.chunks };
      for (const wanted of [...hurried, all]) {
        const run = freeRunAmong(wanted, held, limit);
        if (!run) continue;
        for (let index = run.from; index < run.to; index++) owners.set(index, source);
        return run;
      }
      return null;
    },
    settle: (index) => void owners.delete(index),
    giveBack(source) {
      const before = owners.size;
      for (const [index, owner] of owners) if (owner === source) owners.delete(index);
      return owners.size < before;
    },
    hurry(run) {
      hurried = [run, ...hurried.filter((other) => other.from !== run.from || other.to !== run.to)].slice(0, 8);
    },
    firstHurried() {
      dropHurried();
      for (const run of hurried) {
        const free = freeRun(run.from, run.to, 1);
        if (free) return free.from;
      }
      return null;
    },
  };
}
