/** Writes the files of messages into an export, deciphered, each once, under names that a person can tell apart. */
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ParleyError, type BlobId } from '../../../../protocol/index.ts';
import type { BlobVault } from '../../blobs/blob-vault.ts';
import type { ArchivedFile } from '../../storage/archive-table.ts';
import type { Store } from '../../storage/store.ts';
import { breathe, type Work } from '../work.ts';
import { exportFormat } from './export-format.ts';
import { createUniqueNames } from './unique-names.ts';

export interface ExportedFiles {
  /** Path in the export by blob; those that are not here are not in it. */
  readonly paths: ReadonlyMap<BlobId, string>;
  readonly missing: number;
}

interface FilesDeps {
  readonly store: Store;
  readonly vault: BlobVault;
  readonly folder: string;
  readonly work: Work;
}

const filesAtOnce = 200;
const readAtOnce = 1024 * 1024;

export async function exportFiles({ store, vault, folder, work }: FilesDeps): Promise<ExportedFiles> {
  const { files, heldBytes } = store.archive.countFiles();
  const paths = new Map<BlobId, string>();
  const nameFor = createUniqueNames();
  let done = 0;

  async function exportOne({ blob, bytes, name, time }: ArchivedFile): Promise<void> {
    if (paths.has(blob) || !vault.state(blob)?.whole) return;
    const day = new Date(time).toISOString().slice(0, 10);
    const path = `${exportFormat.files}/${nameFor(`${day} ${name}`)}`;
    const onRead = (count: number) => work.progress((done += count), heldBytes);
    if (await writeFile(vault, blob, bytes, join(folder, path), work, onRead)) paths.set(blob, path);
  }

  for (let place = 0; ;) {
    const batch = store.archive.files(place, filesAtOnce);
    for (const file of batch) await exportOne(file);
    const last = batch.at(-1);
    if (!last) return { paths, missing: files - paths.size };
    place = last.place;
    await breathe(work);
  }
}

/** @returns false when a part of it turned out to be damaged: then nothing is left of it. */
async function writeFile(
  vault: BlobVault,
  blob: BlobId,
  bytes: number,
  path: string,
  work: Work,
  onRead: (bytes: number) => void,
): Promise<boolean> {
  const file = await open(path, 'wx', 0o600);
  let whole = false;
  try {
    for (let at = 0; at < bytes;) {
      work.signal.throwIfAborted();
      const piece = await readPlain(vault, blob, at);
      if (!piece) return false;
      await file.writeFile(piece);
      at += piece.byteLength;
      onRead(piece.byteLength);
    }
    await file.datasync();
    whole = true;
  } finally {
    await file.close();
    if (!whole) await rm(path, { force: true });
  }
  return whole;
}

/** A file whose key does not fit is as good as missing. */
async function readPlain(vault: BlobVault, blob: BlobId, at: number): Promise<Uint8Array | null> {
  try {
    return await vault.plain(blob, at, readAtOnce);
  } catch (error) {
    if (error instanceof ParleyError && error.code === 'file_unreadable') return null;
    throw error;
  }
}
