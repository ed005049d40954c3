/**
 * What is inside a backup's frames: entries one after another, each a head (JSON with its length before it) and pieces of
 * bytes (each with its length before it), up to a piece of length 0. The greatest length in its place says that the entry
 * is to be dropped, because what it holds turned out to be damaged while it was being written.
 */
import { z } from 'zod';
import { blobIdSchema, profileSchema, relayIdSchema, timeSchema } from '../../../../protocol/index.ts';
import { damagedBackup } from './backup-header.ts';
import type { SealedReader, SealedWriter } from './sealed-file.ts';

export const entryHeadSchema = z.discriminatedUnion('type', [
  /** Whose backup it is; the first entry. */
  z.object({
    type: z.literal('manifest'),
    format: z.literal(1),
    app: z.string(),
    time: timeSchema,
    relay: z.object({ id: relayIdSchema, name: z.string(), address: z.string() }),
    account: profileSchema,
  }),
  /** The history's database. */
  z.object({ type: z.literal('history') }),
  /** A file of messages, sealed as it is kept: its chunks, or their hashes. */
  z.object({ type: z.enum(['blob', 'hashes']), blob: blobIdSchema }),
  /** The last entry. */
  z.object({
    type: z.literal('end'),
    messages: z.number().int(),
    files: z.number().int(),
    missingFiles: z.number().int(),
  }),
]);
export type EntryHead = z.infer<typeof entryHeadSchema>;

const droppedMark = 0xffff_ffff;
const mostHeadBytes = 64 * 1024;
const mostPieceBytes = 1024 * 1024;

/** Bytes of an entry; `drop` instead of bytes takes back what came before. */
export type Pieces = AsyncIterable<Uint8Array | 'drop'>;

/** @returns whether the entry stands. */
export async function writeEntry(file: SealedWriter, head: EntryHead, pieces?: Pieces): Promise<boolean> {
  const json = Buffer.from(JSON.stringify(head));
  await file.write(lengthOf(json.byteLength));
  await file.write(json);
  for await (const piece of pieces ?? []) {
    if (piece === 'drop') {
      await file.write(lengthOf(droppedMark));
      return false;
    }
    for (let at = 0; at < piece.byteLength; at += mostPieceBytes) {
      const part = piece.subarray(at, at + mostPieceBytes);
      await file.write(lengthOf(part.byteLength));
      await file.write(part);
    }
  }
  await file.write(lengthOf(0));
  return true;
}

/** @throws ParleyError `file_unreadable` for a head that this version does not know. */
export async function readHead(file: SealedReader): Promise<EntryHead> {
  const bytes = await readLength(file);
  if (bytes > mostHeadBytes) throw damagedBackup();
  const head = entryHeadSchema.safeParse(parseJson((await file.read(bytes)).toString()));
  if (!head.success) throw damagedBackup();
  return head.data;
}

/** The pieces behind a head; all of them must be taken before the next head is read. */
export async function* readPieces(file: SealedReader): Pieces {
  for (;;) {
    const bytes = await readLength(file);
    if (bytes === 0) return;
    if (bytes === droppedMark) {
      yield 'drop';
      return;
    }
    if (bytes > mostPieceBytes) throw damagedBackup();
    yield await file.read(bytes);
  }
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return length;
}

const readLength = async (file: SealedReader) => (await file.read(4)).readUInt32BE();

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
