/** Takes chosen files out of a ZIP archive without unpacking the rest (the archive is trusted: its hash was checked). */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

// Layouts and signatures: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const endSize = 22;
const entrySize = 46;
const localHeaderSize = 30;
const longestComment = 0xffff;
const stored = 0;
const deflated = 8;

interface ZipEntry {
  readonly name: string;
  readonly mode: number;
  readonly method: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly headerOffset: number;
}

/**
 * Unpacks every file for which `destinationOf` gives a path, keeping its permission bits.
 * Returns how many there were; throws when the archive is damaged or uses ZIP64 or encryption.
 */
export async function unzip(zipFile: string, destinationOf: (name: string) => string | undefined): Promise<number> {
  const file = await open(zipFile);
  try {
    const entries = await readEntries(file);
    let count = 0;
    for (const entry of entries) {
      const destination = entry.name.endsWith('/') ? undefined : destinationOf(entry.name);
      if (destination === undefined) continue;
      await extractEntry(zipFile, await dataOffset(file, entry), entry, destination);
      count++;
    }
    return count;
  } finally {
    await file.close();
  }
}

async function readEntries(file: FileHandle): Promise<ZipEntry[]> {
  const { size } = await file.stat();
  const tail = await readBytes(file, Math.max(0, size - endSize - longestComment), size);
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || tail.readUInt32LE(end) !== endSignature)
    throw new Error('Not a ZIP archive: its end record is missing.');
  const count = tail.readUInt16LE(end + 10);
  const start = tail.readUInt32LE(end + 16);
  const directory = await readBytes(file, start, start + tail.readUInt32LE(end + 12));
  return parseDirectory(directory, count);
}

function parseDirectory(directory: Buffer, count: number): ZipEntry[] {
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (directory.readUInt32LE(at) !== entrySignature)
      throw new Error('The ZIP archive is damaged: its directory is broken.');
    const nameEnd = at + entrySize + directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString('utf8', at + entrySize, nameEnd),
      mode: (directory.readUInt32LE(at + 38) >>> 16) & 0o777,
      method: directory.readUInt16LE(at + 10),
      compressedSize: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      headerOffset: directory.readUInt32LE(at + 42),
    });
    at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

/** The local header's name and extra fields may differ in length from the directory's. */
async function dataOffset(file: FileHandle, entry: ZipEntry): Promise<number> {
  const header = await readBytes(file, entry.headerOffset, entry.headerOffset + localHeaderSize);
  return entry.headerOffset + localHeaderSize + header.readUInt16LE(26) + header.readUInt16LE(28);
}

async function extractEntry(zipFile: string, start: number, entry: ZipEntry, destination: string): Promise<void> {
  if (entry.method !== stored && entry.method !== deflated) {
    throw new Error(`The ZIP archive packs ${entry.name} with method ${entry.method}, which is not supported.`);
  }
  await mkdir(dirname(destination), { recursive: true });
  const output = createWriteStream(destination, { mode: entry.mode || 0o644 });
  const input =
    entry.compressedSize === 0
      ? Readable.from([])
      : createReadStream(zipFile, { start, end: start + entry.compressedSize - 1 });
  if (entry.method === deflated) await pipeline(input, createInflateRaw(), output);
  else await pipeline(input, output);
  if (output.bytesWritten !== entry.size) {
    throw new Error(
      `The ZIP archive is damaged: ${entry.name} has ${output.bytesWritten} bytes instead of ${entry.size}.`,
    );
  }
}

async function readBytes(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.alloc(end - start);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
  if (bytesRead !== bytes.length) throw new Error('The ZIP archive is cut short.');
  return bytes;
}
