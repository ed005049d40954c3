/** Writes an encrypted backup: a consistent copy of the history, and the files of messages that lie here, as they are. */
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ParleyError, type BlobId } from '../../../../protocol/index.ts';
import { syncFolder } from '../../blobs/durable-files.ts';
import type { BlobVault } from '../../blobs/blob-vault.ts';
import type { AccountRecord } from '../../storage/profile-store.ts';
import type { Store } from '../../storage/store.ts';
import { stored } from '../../storage/faults.ts';
import type { JobResult, Work } from '../work.ts';
import { writeEntry, type Pieces } from './entries.ts';
import { createSealedWriter, type SealedWriter } from './sealed-file.ts';
import { readSnapshot, type Snapshot } from './snapshot.ts';

export interface BackupDeps {
  readonly store: Store;
  readonly vault: BlobVault;
  readonly record: AccountRecord;
  readonly appVersion: string;
  /** Of the profile: the copy of the database lies there meanwhile, on the same disk as the history. */
  readonly dataDir: string;
  /** Relay time. */
  readonly now: number;
}

/** The file is there whole, or what was there before. */
export async function writeBackup(deps: BackupDeps, file: string, passphrase: string, work: Work): Promise<JobResult> {
  const history = await copyHistory(deps, work);
  const snapshot = readSnapshot(history);
  const part = await work.temporary(file);
  await mkdir(dirname(file), { recursive: true });
  const sealed = await createSealedWriter(part, passphrase);
  try {
    const result = await writeEntries(deps, sealed, history, snapshot, work);
    await sealed.finish();
    work.signal.throwIfAborted();
    await rename(part, file);
    await syncFolder(dirname(file));
    return result;
  } finally {
    await sealed.close();
  }
}

/** @returns the path of the copy, which goes with the work. */
async function copyHistory({ store, vault, dataDir }: BackupDeps, work: Work): Promise<string> {
  const folder = await work.temporary(join(dataDir, 'snapshot'));
  await vault.flush();
  return stored(async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const copy = join(folder, 'history.db');
    await store.copyTo(copy, (done, total) => {
      work.signal.throwIfAborted();
      work.progress(done, total);
    });
    return copy;
  });
}

async function writeEntries(
  { vault, record, appVersion, now }: BackupDeps,
  sealed: SealedWriter,
  history: string,
  { messages, blobs, historyBytes }: Snapshot,
  work: Work,
): Promise<JobResult> {
  const { relay, account, address } = record;
  const { id, username, displayName } = account;
  const total = blobs.reduce((sum, { bytes }) => sum + bytes, historyBytes);
  let done = 0;
  const onPiece = (bytes: number) => {
    work.signal.throwIfAborted();
    work.progress((done += bytes), total);
  };
  await writeEntry(sealed, {
    type: 'manifest',
    format: 1,
    app: `Parley ${appVersion}`,
    time: now,
    relay: { id: relay.id, name: relay.name, address },
    account: { id, username, displayName },
  });
  await writeEntry(sealed, { type: 'history' }, historyPieces(history, onPiece));
  await rm(history, { force: true });
  let files = 0;
  for (const { blob } of blobs) if (await writeBlob(vault, sealed, blob, onPiece)) files++;
  const result = { messages, files, missingFiles: blobs.length - files };
  await writeEntry(sealed, { type: 'end', ...result });
  return { ...result, leftOut: 0 };
}

async function* historyPieces(path: string, onPiece: (bytes: number) => void): Pieces {
  for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    onPiece(piece.byteLength);
    yield piece;
  }
}

/** @returns false when it was removed meanwhile, or turned out to be damaged. */
async function writeBlob(
  vault: BlobVault,
  sealed: SealedWriter,
  blob: BlobId,
  onPiece: (bytes: number) => void,
): Promise<boolean> {
  const hashes = vault.state(blob)?.whole ? await vault.hashes(blob) : null;
  if (!hashes) return false;
  await writeEntry(sealed, { type: 'hashes', blob }, once(hashes));
  return writeEntry(sealed, { type: 'blob', blob }, blobPieces(vault, blob, onPiece));
}

async function* once(bytes: Uint8Array): Pieces {
  yield bytes;
}

async function* blobPieces(vault: BlobVault, blob: BlobId, onPiece: (bytes: number) => void): Pieces {
  try {
    for await (const piece of vault.sealedStream(blob, 0)) {
      onPiece(piece.byteLength);
      yield piece;
    }
  } catch (error) {
    if (!(error instanceof ParleyError && error.code === 'file_unreadable')) throw error;
    yield 'drop';
  }
}
