/** Seals a file of this computer into the staging area: chunk by chunk, never whole in memory, stopped at any time. */
import { open, stat, type FileHandle } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { chunkFormat, ParleyError } from '../../../protocol/index.ts';
import { storageErrorFrom } from '../storage/faults.ts';
import type { BlobRef } from './blob-vault.ts';
import type { BlobWriter } from './blob-writer.ts';

export interface SealFileOptions {
  readonly path: string;
  readonly writer: BlobWriter;
  readonly signal: AbortSignal;
  /** @param bytes of the file that are sealed. */
  readonly onProgress: (bytes: number) => void;
}

/**
 * Nothing is left of it when it fails.
 * @throws ParleyError `file_unreadable`, `file_changed`, `storage_failed`; the signal's reason when it was stopped.
 */
export async function sealFile({ path, writer, signal, onProgress }: SealFileOptions): Promise<BlobRef> {
  const file = await openSource(path);
  try {
    const before = await file.stat();
    if (!before.isFile()) throw unreadable();
    await copy(file, before.size, writer, signal, onProgress);
    await assertSame(path, before);
    return await writer.finish();
  } catch (error) {
    await writer.abort();
    throw storageErrorFrom(error);
  } finally {
    await file.close();
  }
}

async function copy(
  file: FileHandle,
  size: number,
  writer: BlobWriter,
  signal: AbortSignal,
  onProgress: (bytes: number) => void,
): Promise<void> {
  let [buffer, other] = [Buffer.allocUnsafe(chunkFormat.plainBytes), Buffer.allocUnsafe(chunkFormat.plainBytes)];
  let reading = readAt(file, buffer, 0);
  for (let done = 0; ;) {
    signal.throwIfAborted();
    const bytesRead = await reading;
    done += bytesRead;
    if (done > size) throw changed();
    if (bytesRead === 0) {
      if (done < size) throw changed();
      return;
    }
    // The next is read while this one is sealed and written.
    reading = readAt(file, other, done);
    // Its failure comes up when it is awaited; what fails before never awaits it.
    reading.catch(() => {});
    await writer.write(buffer.subarray(0, bytesRead));
    [buffer, other] = [other, buffer];
    onProgress(done);
  }
}

async function readAt(file: FileHandle, buffer: Buffer, position: number): Promise<number> {
  try {
    return (await file.read(buffer, 0, buffer.byteLength, position)).bytesRead;
  } catch (error) {
    throw unreadable(error);
  }
}

async function openSource(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw unreadable(error);
  }
}

/** Whoever wrote to the file meanwhile left its size, its time or its place different. */
async function assertSame(path: string, before: Stats): Promise<void> {
  const after = await stat(path).catch(() => null);
  if (!after) throw unreadable();
  const isSame = after.size === before.size && after.mtimeMs === before.mtimeMs && after.ino === before.ino;
  if (!isSame) throw changed();
}

/** Without a cause: a source that cannot be read is no fault of the place where Parley stores. */
function unreadable(_cause?: unknown): ParleyError {
  return new ParleyError('file_unreadable', {
    message: 'The file cannot be read any more. Check that it is still in its place, then send it again.',
  });
}

function changed(): ParleyError {
  return new ParleyError('file_changed', {
    message: 'The file was changed while it was being sent. Send it again once it is finished.',
  });
}
