/** The wall clock of a relay node's process, which can be set while it runs. */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { preloadLibrary } from '../preload.ts';

export interface SkewedClock {
  /** What the environment of the process needs. */
  readonly env: Readonly<Record<string, string>>;
  /** Off by that much from now on, in lives to come as well. */
  set(ms: number): void;
}

const skewLibrary = (): string | null => preloadLibrary(resolve(import.meta.dirname, 'skew.c'));

export const canSkewClocks = (): boolean => skewLibrary() !== null;

/** @param file is made; outside of the node's own folder. */
export function openSkewedClock(file: string): SkewedClock {
  writeFileSync(file, bytesOf(0));
  return {
    env: { LD_PRELOAD: skewLibrary() ?? '', RIG_CLOCK: file },
    set(ms) {
      // In place: the process has the file in its memory.
      const handle = openSync(file, 'r+');
      writeSync(handle, bytesOf(ms), 0, 8, 0);
      closeSync(handle);
    },
  };
}

function bytesOf(ms: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(Math.round(ms)));
  return bytes;
}
