/** Hands bytes to a sink and says when it is done with them. */
import type { Writable } from 'node:stream';

/** Resolves once the bytes are out of our hands and the buffer may be filled again. Rejects when the sink closes before. */
export function writeToSink(sink: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(new Error('The other side went away.'));
    if (sink.destroyed) return onClose();
    sink.once('close', onClose);
    sink.write(bytes, (error) => {
      sink.off('close', onClose);
      if (error) reject(error);
      else resolve();
    });
  });
}
