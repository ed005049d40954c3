/** Pours a stream that may break into a writer, with a bounded amount on its way. */
import { Writable, type Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** What comes while a write is under way, and then goes out with the next one. */
const bufferedBytes = 1024 * 1024;

interface GatheringWriter {
  write(buffers: readonly Uint8Array[]): Promise<void>;
}

/**
 * @returns when everything that came is written, whether the stream ended or broke. Rejects with what the writer threw;
 * the stream stands still then, and is not destroyed.
 */
export async function pour(source: Readable, writer: GatheringWriter): Promise<void> {
  const sink = new Writable({
    highWaterMark: bufferedBytes,
    writev(chunks: { chunk: Uint8Array }[], callback) {
      writer.write(chunks.map(({ chunk }) => chunk)).then(() => callback(), callback);
    },
  });
  const written = finished(sink);
  const came = finished(source, { writable: false, cleanup: true }).catch(() => {});
  source.pipe(sink);
  try {
    await Promise.race([came, written]);
    sink.end();
    await written;
  } catch (error) {
    source.unpipe(sink);
    source.pause();
    throw error;
  }
}
