/** Unpacks a backup into the account's place: into a name beside it first, so that it is there whole or not at all. */
import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ParleyError, type BlobId } from '../../../../protocol/index.ts';
import { historyFileName } from '../../account/open-history.ts';
import { accountFolder } from '../../account/session.ts';
import { hashesSuffix } from '../../blobs/blob-files.ts';
import { isMissingFile, syncFolder } from '../../blobs/durable-files.ts';
import { stored } from '../../storage/faults.ts';
import type { JobResult, Work } from '../work.ts';
import { damagedBackup } from './backup-header.ts';
import { readHead, readPieces, type EntryHead, type Pieces } from './entries.ts';
import { openSealedReader, type SealedReader } from './sealed-file.ts';
import { settleRestored } from './snapshot.ts';

export interface RestoreDeps {
  readonly dataDir: string;
  /** By this computer's clock. */
  readonly now: number;
}

export interface Restored {
  readonly address: string;
  readonly username: string;
  /** Messages that wait to be sent. */
  readonly waiting: number;
  readonly result: JobResult;
}

type Manifest = Extract<EntryHead, { type: 'manifest' }>;

/** @throws ParleyError as reading does; `bad_request` when a history of the account is here already. */
export async function restoreBackup(
  deps: RestoreDeps,
  file: string,
  passphrase: string,
  work: Work,
): Promise<Restored> {
  const sealed = await openSealedReader(file, passphrase);
  try {
    work.signal.throwIfAborted();
    const manifest = await readManifest(sealed);
    const { relay, account } = manifest;
    const folder = accountFolder(deps.dataDir, relay.id, account.id);
    await assertFree(folder);
    const part = await work.temporary(folder);
    await stored(() => mkdir(join(part, 'blobs'), { recursive: true, mode: 0o700 }));
    const { end, blobs } = await unpack(sealed, part, work);
    const waiting = settleRestored(join(part, historyFileName), account.id, blobs, deps.now);
    work.signal.throwIfAborted();
    await assertFree(folder);
    await stored(() => takePlace(part, folder));
    const { messages, missingFiles } = end;
    const result = { messages, files: blobs.size, missingFiles, leftOut: 0 };
    return { address: relay.address, username: account.username, waiting, result };
  } finally {
    await sealed.close();
  }
}

async function readManifest(sealed: SealedReader): Promise<Manifest> {
  const head = await readHead(sealed);
  if (head.type !== 'manifest') throw damagedBackup();
  for await (const _ of readPieces(sealed)) throw damagedBackup();
  return head;
}

/** What is here is newer, or at least somebody's: nothing is ever written over it. */
async function assertFree(folder: string): Promise<void> {
  try {
    if ((await readdir(folder)).length === 0) return;
  } catch (error) {
    if (isMissingFile(error)) return;
    throw error;
  }
  throw new ParleyError('bad_request', {
    message:
      'A history of this account is on this computer already, and a restore never overwrites one. To use the backup, log in, then log out with everything erased, and restore again.',
  });
}

async function unpack(sealed: SealedReader, part: string, work: Work) {
  const blobs = new Set<BlobId>();
  for (let hasHistory = false; ;) {
    const head = await readHead(sealed);
    const pieces = counted(readPieces(sealed), sealed, work);
    if (head.type === 'end') {
      for await (const _ of pieces) throw damagedBackup();
      sealed.assertEnd();
      if (!hasHistory) throw damagedBackup();
      return { end: head, blobs };
    }
    if (head.type === 'manifest') throw damagedBackup();
    if (head.type === 'history') hasHistory = await takeEntry(join(part, historyFileName), pieces);
    if (head.type === 'hashes' || head.type === 'blob') {
      const place = join(part, 'blobs', head.blob.slice(0, 2), head.blob);
      const isHere = await takeEntry(head.type === 'blob' ? place : place + hashesSuffix, pieces);
      if (isHere && head.type === 'blob') blobs.add(head.blob);
    }
  }
}

async function* counted(pieces: Pieces, sealed: SealedReader, work: Work): Pieces {
  for await (const piece of pieces) {
    work.signal.throwIfAborted();
    work.progress(sealed.position(), sealed.bytes);
    yield piece;
  }
}

/** @returns whether the entry stands; of one that was dropped nothing is left. */
async function takeEntry(path: string, pieces: Pieces): Promise<boolean> {
  await stored(() => mkdir(dirname(path), { recursive: true, mode: 0o700 }));
  const file = await stored(() => open(path, 'wx', 0o600));
  let isDropped = false;
  try {
    for await (const piece of pieces) {
      if (piece === 'drop') isDropped = true;
      else await stored(() => file.writeFile(piece));
    }
    await stored(() => file.sync());
  } finally {
    await file.close();
  }
  if (isDropped) await rm(path, { force: true });
  return !isDropped;
}

async function takePlace(part: string, folder: string): Promise<void> {
  await rmdir(folder).catch((error: unknown) => {
    if (!isMissingFile(error)) throw error;
  });
  await rename(part, folder);
  await syncFolder(dirname(folder));
}
