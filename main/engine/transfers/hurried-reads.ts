/** Viewers that wait for chunks: each is told when its chunks are here, or that they do not come. */
import type { ChunkRun } from '../blobs/blob-vault.ts';
import type { Clock } from '../runtime/clock.ts';
import { notComing } from './download.ts';

export interface HurriedReads {
  /** @throws ParleyError `unreachable` when none of the chunks came for a while. */
  wait(run: ChunkRun): Promise<void>;
  /** Chunks came. */
  look(): void;
  isEmpty(): boolean;
  /** Nothing will come any more. */
  fail(error: Error): void;
}

interface Reader {
  readonly run: ChunkRun;
  missing: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  cancelTimer: () => void;
}

export function createHurriedReads(clock: Clock, patienceMs: number, holds: (index: number) => boolean): HurriedReads {
  const readers = new Set<Reader>();

  function missingOf({ from, to }: ChunkRun): number {
    let missing = 0;
    for (let index = from; index < to; index++) if (!holds(index)) missing++;
    return missing;
  }

  function giveUp(reader: Reader, error: Error): void {
    reader.cancelTimer();
    readers.delete(reader);
    reader.reject(error);
  }

  function lookAt(reader: Reader): void {
    const missing = missingOf(reader.run);
    if (missing === 0) {
      reader.cancelTimer();
      readers.delete(reader);
      return reader.resolve();
    }
    if (missing === reader.missing) return;
    reader.missing = missing;
    reader.cancelTimer();
    reader.cancelTimer = clock.after(patienceMs, () => giveUp(reader, notComing()));
  }

  return {
    wait: (run) =>
      new Promise((resolve, reject) => {
        const reader: Reader = { run, missing: -1, resolve, reject, cancelTimer: () => {} };
        readers.add(reader);
        lookAt(reader);
      }),
    look() {
      for (const reader of [...readers]) lookAt(reader);
    },
    isEmpty: () => readers.size === 0,
    fail(error) {
      for (const reader of [...readers]) giveUp(reader, error);
    },
  };
}
