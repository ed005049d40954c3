/** Finds a name that no file of a folder has yet, as people know it from downloads: `film (1).webm`. */
import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';

/** @param name safe as a file's name already. @returns the first path that is free. */
export function freePath(folder: string, name: string, exists: (path: string) => boolean = existsSync): string {
  const extension = extname(name);
  const stem = name.slice(0, name.length - extension.length);
  for (let count = 0; ; count++) {
    const path = join(folder, count === 0 ? name : `${stem} (${count})${extension}`);
    if (!exists(path)) return path;
  }
}
