/** The way from the staging area into the vault, so that a crash at any point leaves a whole blob or none. */
import { writeDurably } from './durable-files.ts';
import { blobIdSchema, type BlobId } from '../../../protocol/index.ts';
import type { BlobFiles } from './blob-files.ts';
import type { BlobRef } from './blob-vault.ts';

/** Says that a blob may lie in its place before the table knows it. */
const noteSuffix = '.moving';

/** Moves blobs to their places, then has them written into the table; a note tells the next run of the time between. */
export async function adoptStaged(files: BlobFiles, refs: readonly BlobRef[], write: () => void): Promise<void> {
  for (const { blob } of refs) {
    await writeDurably(files.stagePath(blob + noteSuffix), new Uint8Array());
    await files.moveIn(blob);
  }
  write();
  for (const { blob } of refs) await files.unstage(blob + noteSuffix);
}

/**
 * Cleans up what an earlier run left: blobs that the table knows are moved to their places, all else goes.
 * @param isKnown whether the table has the blob. @param concerns picks the names to look at.
 */
export async function settleStage(
  files: BlobFiles,
  isKnown: (blob: BlobId) => boolean,
  concerns: (name: string) => boolean = () => true,
): Promise<void> {
  for (const name of (await files.staged()).filter(concerns)) {
    const blob = blobIdSchema.safeParse(name.split('.', 1)[0]).data;
    if (blob && isKnown(blob)) await files.moveIn(blob);
    else if (blob && name.endsWith(noteSuffix)) await files.remove(blob);
    await files.unstage(name);
  }
}
