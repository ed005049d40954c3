/** The recorder of writes, to be preloaded. */
import { resolve } from 'node:path';
import { preloadLibrary } from '../preload.ts';

/** @returns null where it cannot be made. */
export function recorderLibrary(): string | null {
  return preloadLibrary(resolve(import.meta.dirname, 'recorder.c'));
}
