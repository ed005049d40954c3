/** Sends a part of a file through two buffers that are used over and over: nothing is left for the collector. */
import type { FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { ByteRange } from '../../ports/blobs.ts';
import { writeToSink } from './write-to-sink.ts';

const bufferBytes = 256 * 1024;

/**
 * Reads ahead into one buffer while the other goes out. Rejects when the sink closes before it has taken everything;
 * the sink is not ended.
 */
export async function sendFile(file: FileHandle, { from, to }: ByteRange, sink: Writable): Promise<void> {
  const size = Math.min(bufferBytes, to - from + 1);
  let free = Buffer.allocUnsafeSlow(size);
  let busy = Buffer.allocUnsafeSlow(size);
  let sent: Promise<void> = Promise.resolve();
  for (let at = from; at <= to;) {
    const { bytesRead } = await file.read(free, 0, Math.min(size, to - at + 1), at);
    await sent;
    if (bytesRead === 0) throw new Error('The file ended before its size.');
    sent = writeToSink(sink, free.subarray(0, bytesRead));
    // Heard of by the next turn, which may still be reading.
    sent.catch(() => {});
    at += bytesRead;
    [free, busy] = [busy, free];
  }
  await sent;
}
