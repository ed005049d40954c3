/** Writes buffers one after another to a place in a file, however many calls the system takes for it. */
import type { FileHandle } from 'node:fs/promises';

/** As many as one `writev` takes (IOV_MAX on Linux). */
const buffersAtOnce = 1_024;

export async function writeAll(file: FileHandle, buffers: readonly Uint8Array[], position: number): Promise<void> {
  let left = buffers.filter(({ byteLength }) => byteLength > 0);
  let at = position;
  while (left.length > 0) {
    const { bytesWritten } = await file.writev(left.slice(0, buffersAtOnce), at);
    at += bytesWritten;
    left = without(left, bytesWritten);
  }
}

/** What is left of buffers without their first bytes. */
function without(buffers: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes;
  return buffers.flatMap((buffer) => {
    const part = buffer.subarray(Math.min(skip, buffer.byteLength));
    skip -= buffer.byteLength - part.byteLength;
    return part.byteLength > 0 ? [part] : [];
  });
}
