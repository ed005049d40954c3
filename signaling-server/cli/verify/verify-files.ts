/** Verifies the files that conversations hold, wherever their bytes are: there, of their size, and, if asked, every byte. */
import { createHash, hash } from 'node:crypto';
import { Writable } from 'node:stream';
import { chunkFormat, type BlobId } from '../../../protocol/index.ts';
import { blobFromBytes } from '../../adapters/sqlite/blob-rows.ts';
import type { BlobReader, OpenBlob } from '../../ports/blobs.ts';
import { Recent } from '../../runtime/recent.ts';
import type { Finding } from '../doctor/finding.ts';
import type { Row } from '../migrate/parts.ts';
import type { Source } from '../migrate/sides.ts';
import { Differences } from './differences.ts';

const { sealedBytes, hashBytes, blobIdPrefix } = chunkFormat;

/** Several conversations may hold a file, and it is looked at once: this many lately seen are remembered. */
const remembered = 100_000;

export type Hold = Row<'holds'>;

export interface FilesToVerify {
  readonly source: Source;
  readonly storage: BlobReader;
  /** Asked when something is wrong: a relay that runs beside may have let go of the file in between. */
  isHeld(hold: Hold): Promise<boolean>;
  /** What brings a file back. */
  readonly advice: string;
}

export const inObjectStore = { advice: 'Bring them back from the versions or the backup of the object store.' };

export async function verifyFiles(
  { source, storage, isHeld, advice }: FilesToVerify,
  { content }: { readonly content: boolean },
): Promise<Finding> {
  const differences = new Differences();
  const seen = new Recent<BlobId, true>(remembered);
  let count = 0;
  for (let page = await source.page('holds', null); page; page = await source.page('holds', page.position)) {
    for (const hold of page.rows) {
      const blob = blobFromBytes(Buffer.from(hold.blob));
      if (seen.get(blob)) continue;
      seen.set(blob, true);
      count += 1;
      const fault = await faultOf(storage, blob, hold.bytes, content);
      if (fault !== null && (await isHeld(hold))) differences.add(`${blob} ${fault}`);
    }
  }
  const looked = content ? 'every byte as it was sent' : 'there in their size (--content reads every byte too)';
  const others = 'Until then others can get those files from devices that have them.';
  return differences.finding('files', `${count} that conversations hold, ${looked}`, `${advice} ${others}`);
}

async function faultOf(storage: BlobReader, blob: BlobId, bytes: number, content: boolean): Promise<string | null> {
  try {
    const size = await storage.size(blob);
    if (size === null) return 'is missing';
    if (size !== bytes) return `has ${size} bytes and not ${bytes}`;
    const list = await storage.hashes(blob);
    const isRight = list.byteLength === Math.ceil(bytes / sealedBytes) * hashBytes && blobIdOf(list) === blob;
    if (!isRight) return 'has the hashes of another file';
    return content && !(await matches(storage, blob, list)) ? 'has other content than was sent' : null;
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
  }
}

function blobIdOf(hashes: Uint8Array): string {
  return createHash('sha256').update(blobIdPrefix).update(hashes).digest('hex');
}

/** Whether each chunk has its hash. */
async function matches(storage: BlobReader, blob: BlobId, hashes: Uint8Array): Promise<boolean> {
  const opened = await storage.open(blob);
  try {
    for (let from = 0, index = 0; from < opened.bytes; from += sealedBytes, index++) {
      const chunk = await readChunk(opened, from);
      const expected = hashes.subarray(index * hashBytes, (index + 1) * hashBytes);
      if (!hash('sha256', chunk, 'buffer').equals(expected)) return false;
    }
    return true;
  } finally {
    await opened.close();
  }
}

async function readChunk(opened: OpenBlob, from: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const sink = new Writable({
    write(piece: Buffer, _encoding, done) {
      // The sender may fill its buffer again.
      pieces.push(Buffer.from(piece));
      done();
    },
  });
  await opened.send({ from, to: Math.min(opened.bytes, from + sealedBytes) - 1 }, sink);
  return Buffer.concat(pieces);
}
