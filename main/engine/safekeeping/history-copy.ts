/** The second copy of a history: made beside the running one, checked as a whole, and only then put in the old copy's place. */
import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFile, syncFolder } from '../blobs/durable-files.ts';
import { removeDatabase } from '../storage/damage.ts';
import type { Store } from '../storage/store.ts';
import { checkDatabase } from './check-database.ts';

const copyName = 'parley-copy.db';
const partSuffix = '.part';

/** @param folder of the account. */
export function copyPath(folder: string): string {
  return join(folder, copyName);
}

/**
 * Copies the history and reads all of the copy: what is wrong with the one is wrong with the other.
 * @param keep whether the copy stays, in place of the one before; a damaged one never does.
 * @returns what SQLite found wrong, null for nothing.
 */
export async function copyAndCheck(
  store: Pick<Store, 'copyTo'>,
  folder: string,
  keep: boolean,
): Promise<string | null> {
  const part = copyPath(folder) + partSuffix;
  removeDatabase(part);
  try {
    await store.copyTo(part, () => {});
    const finding = await checkDatabase(part);
    if (finding !== null || !keep) return finding;
    await syncFile(part);
    await rename(part, copyPath(folder));
    await syncFolder(dirname(part));
    return null;
  } finally {
    removeDatabase(part);
  }
}

export function removeCopy(folder: string): void {
  removeDatabase(copyPath(folder));
}
