/** Reads published blobs from their folder, without writing there: for the relay, and for what looks at its folder beside it. */
import { open, readFile, stat } from 'node:fs/promises';
import type { BlobReader } from '../../ports/blobs.ts';
import { noSuchBlob } from '../blob-errors.ts';
import type { BlobFiles } from './blob-files.ts';
import { isMissing, nullIfMissing } from './disk-errors.ts';
import { sendFile } from './send-file.ts';

/** Rejects with what the file system says, but for a blob that is not there. */
export function readPublished(files: BlobFiles): BlobReader {
  return {
    size: (blob) => stat(files.blob(blob).bytes).then(({ size }) => size, nullIfMissing),
    async open(blob) {
      const file = await open(files.blob(blob).bytes, 'r').catch(throwMissing);
      const { size } = await file.stat();
      return {
        bytes: size,
        send: (range, sink) => sendFile(file, range, sink),
        close: () => file.close(),
      };
    },
    hashes: (blob) => readFile(files.blob(blob).hashes).catch(throwMissing),
  };
}

function throwMissing(error: unknown): never {
  throw isMissing(error) ? noSuchBlob() : error;
}
