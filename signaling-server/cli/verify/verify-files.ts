/** Verifies the files that people sent: there, of their size, with the hashes of their id; and, if asked, every byte. */
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createHash, hash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { chunkFormat, type BlobId } from '../../../protocol/index.ts';
import type { BlobFiles } from '../../adapters/disk/blob-files.ts';
import { blobFromBytes } from '../../adapters/sqlite/blob-rows.ts';
import { blobsFolder } from '../../config/data-folder.ts';
import type { Finding } from '../doctor/finding.ts';
import { Differences } from './differences.ts';

const { sealedBytes, hashBytes, blobIdPrefix } = chunkFormat;
const rowsAtOnce = 500;

export async function verifyFiles(db: Database, files: BlobFiles, { content }: { content: boolean }): Promise<Finding> {
  const page = db.prepare<[Buffer], { blob: Buffer; bytes: number }>(
    `SELECT DISTINCT blob, bytes FROM blob_holds WHERE blob > ? ORDER BY blob LIMIT ${rowsAtOnce}`,
  );
  const isHeld = db.prepare<[Buffer], number>('SELECT 1 FROM blob_holds WHERE blob = ? LIMIT 1').pluck();
  const differences = new Differences();
  let count = 0;
  let after: Buffer = Buffer.alloc(0);
  for (let rows = page.all(after); rows.length > 0; rows = page.all(after)) {
    for (const { blob, bytes } of rows) {
      after = blob;
      count += 1;
      const fault = await faultOf(files, blobFromBytes(blob), bytes, content);
      // A relay that runs beside may have let go of it in between.
      if (fault !== null && isHeld.get(blob) !== undefined) differences.add(`${blobFromBytes(blob)} ${fault}`);
    }
  }
  const looked = content ? 'every byte as it was sent' : 'there in their size (--content reads every byte too)';
  const advice = `Copy the folder ${blobsFolder} of your newest backup over the data folder's. Until then others can get those files from devices that have them.`;
  return differences.finding('files', `${count} that conversations hold, ${looked}`, advice);
}

async function faultOf(files: BlobFiles, blob: BlobId, bytes: number, content: boolean): Promise<string | null> {
  const pair = files.blob(blob);
  try {
    const size = statSync(pair.bytes, { throwIfNoEntry: false })?.size;
    if (size === undefined) return 'is missing';
    if (size !== bytes) return `has ${size} bytes and not ${bytes}`;
    const list = readFileSync(pair.hashes);
    const isRight = list.byteLength === Math.ceil(bytes / sealedBytes) * hashBytes && blobIdOf(list) === blob;
    if (!isRight) return 'has the hashes of another file';
    return content && !(await matches(pair.bytes, list)) ? 'has other content than was sent' : null;
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
  }
}

function blobIdOf(hashes: Uint8Array): string {
  return createHash('sha256').update(blobIdPrefix).update(hashes).digest('hex');
}

/** Whether each chunk has its hash. */
async function matches(file: string, hashes: Buffer): Promise<boolean> {
  let index = 0;
  let chunk: Buffer = Buffer.alloc(0);
  const isNext = (bytes: Buffer): boolean => {
    const expected = hashes.subarray(index * hashBytes, (index + 1) * hashBytes);
    index += 1;
    return hash('sha256', bytes, 'buffer').equals(expected);
  };
  for await (const piece of createReadStream(file, { highWaterMark: sealedBytes }) as AsyncIterable<Buffer>) {
    chunk = Buffer.concat([chunk, piece]);
    while (chunk.byteLength >= sealedBytes) {
      if (!isNext(chunk.subarray(0, sealedBytes))) return false;
      chunk = chunk.subarray(sealedBytes);
    }
  }
  return (chunk.byteLength === 0 || isNext(chunk)) && index * hashBytes === hashes.byteLength;
}
