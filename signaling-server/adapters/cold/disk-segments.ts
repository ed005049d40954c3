/** Keeps segments of old history as files in a folder. */
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { SegmentStorage } from '../../ports/cold.ts';
import { isMissing, nullIfMissing, toDiskError } from '../disk/disk-errors.ts';
import { fsyncFolder } from '../disk/fsync-folder.ts';
import { assertSegmentName } from './segment-names.ts';

const partialEnding = '.partial';

/** @param folder made when it is missing. @throws ParleyError `unavailable` when it cannot be written. */
export async function openDiskSegments(folder: string): Promise<SegmentStorage> {
  await makeFolder(folder).catch(throwDiskError);

  function fileOf(name: string): string {
    assertSegmentName(name);
    return join(folder, ...name.split('/'));
  }

  return {
    async put(name, bytes) {
      const file = fileOf(name);
      try {
        await makeFolders(folder, dirname(file));
        await writeWhole(file, bytes);
        await fsyncFolder(dirname(file));
      } catch (error) {
        await rm(file + partialEnding, { force: true }).catch(() => {});
        throw toDiskError(error);
      }
    },
    async get(name) {
      return readFile(fileOf(name)).catch(nullIfNoFile).catch(throwDiskError);
    },
    async remove(name) {
      await rm(fileOf(name), { force: true }).catch(throwDiskError);
    },
    async *list(prefix) {
      const within = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      for (const file of await filesUnder(join(folder, ...within.split('/')))) {
        const name = relative(folder, file).split(sep).join('/');
        if (!name.startsWith(prefix) || name.endsWith(partialEnding)) continue;
        const found = await stat(file).catch(nullIfMissing);
        if (found) yield { name, at: found.mtimeMs };
      }
    },
    async ping() {
      await stat(folder).catch(throwDiskError);
    },
    async close() {},
  };
}

/** A folder is no segment either. */
function nullIfNoFile(error: unknown): null {
  return (error as NodeJS.ErrnoException | null)?.code === 'EISDIR' ? null : nullIfMissing(error);
}

function throwDiskError(error: unknown): never {
  throw toDiskError(error);
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

/** Their names as durable as the files in them. */
async function makeFolders(root: string, folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let at = folder; at.length > root.length; at = dirname(at)) await fsyncFolder(dirname(at));
}

/** Appears under its name only when it is on disk. */
async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file + partialEnding, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(file + partialEnding, file);
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw toDiskError(error);
  });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
