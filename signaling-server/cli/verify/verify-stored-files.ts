/** Verifies the files that a fleet's database knows of, wherever their bytes are: there, of their size, and their content. */
import { createHash, hash } from 'node:crypto';
import { Writable } from 'node:stream';
import { chunkFormat, type BlobId } from '../../../protocol/index.ts';
import { blobFromBytes } from '../../adapters/sqlite/blob-rows.ts';
import type { BlobStorage } from '../../ports/blobs.ts';
import type { Finding } from '../doctor/finding.ts';
import type { Source } from '../migrate/sides.ts';
import { Differences } from './differences.ts';

const { sealedBytes, hashBytes, blobIdPrefix } = chunkFormat;

/** A file that several conversations hold is looked at once for each hold. */
export async function verifyStoredFiles(
  source: Source,
  storage: BlobStorage,
  { content }: { readonly content: boolean },
): Promise<Finding> {
  const differences = new Differences();
  let count = 0;
  for (let page = await source.page('holds', null); page; page = await source.page('holds', page.position)) {
    for (const { blob: bytes, bytes: size } of page.rows) {
      const blob = blobFromBytes(Buffer.from(bytes));
      count += 1;
      const fault = await faultOf(storage, blob, size, content);
      if (fault !== null) differences.add(`${blob} ${fault}`);
    }
  }
  const looked = content ? 'every byte as it was sent' : 'there in their size (--content reads every byte too)';
  const advice =
    'Bring them back from the versions or the backup of the object store. Until then others can get those files from devices that have them.';
  return differences.finding('files', `${count} that conversations hold, ${looked}`, advice);
}

async function faultOf(storage: BlobStorage, blob: BlobId, bytes: number, content: boolean): Promise<string | null> {
  const size = await storage.size(blob);
  if (size === null) return 'is missing';
  if (size !== bytes) return `has ${size} bytes and not ${bytes}`;
  const list = await storage.hashes(blob);
  const id = createHash('sha256').update(blobIdPrefix).update(list).digest('hex');
  if (id !== blob) return 'has the hashes of another file';
  return content && !(await matches(storage, blob, bytes, list)) ? 'has other content than was sent' : null;
}

/** Whether each chunk has its hash. */
async function matches(storage: BlobStorage, blob: BlobId, bytes: number, hashes: Uint8Array): Promise<boolean> {
  const opened = await storage.open(blob);
  try {
    for (let from = 0, index = 0; from < bytes; from += sealedBytes, index++) {
      const chunk = await readRange(opened.send.bind(opened), from, Math.min(bytes, from + sealedBytes) - 1);
      const expected = hashes.subarray(index * hashBytes, (index + 1) * hashBytes);
      if (!hash('sha256', chunk, 'buffer').equals(expected)) return false;
    }
    return true;
  } finally {
    await opened.close();
  }
}

type Send = (range: { from: number; to: number }, sink: Writable) => Promise<void>;

async function readRange(send: Send, from: number, to: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const sink = new Writable({
    write(piece: Buffer, _encoding, done) {
      // The sender may fill its buffer again.
      pieces.push(Buffer.from(piece));
      done();
    },
  });
  await send({ from, to }, sink);
  return Buffer.concat(pieces);
}
