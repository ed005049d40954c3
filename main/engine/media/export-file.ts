/** Writes a whole file, deciphered, to a place of the person's choice: there it appears whole or not at all. */
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MediaRef } from '../../../bridge/media-views.ts';
import { ParleyError } from '../../../protocol/index.ts';
import { syncFolder } from '../blobs/durable-files.ts';
import { mostReadBytes, type MediaReader } from './media-reader.ts';

/** Tells Windows that a file came from the internet, so that it asks before it runs what is in it. */
const markOfTheWeb = { stream: 'Zone.Identifier', text: '[ZoneTransfer]\r\nZoneId=3\r\n' };

/**
 * @param platform of this computer.
 * @throws ParleyError as reading does; `storage_failed` when the place takes no file, with nothing left there.
 */
export async function exportFile(
  reader: MediaReader,
  ref: MediaRef,
  path: string,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  const part = `${path}.part`;
  try {
    await writePart(reader, ref, part);
    if (platform === 'win32') await mark(part);
    await rename(part, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw error instanceof ParleyError ? error : exportFault(error);
  }
}

async function writePart(reader: MediaReader, ref: MediaRef, part: string): Promise<void> {
  const { bytes } = reader.describe(ref);
  const file = await open(part, 'w', 0o600);
  try {
    for (let at = 0; at < bytes;) {
      const piece = await reader.read(ref, at, mostReadBytes);
      await file.writeFile(piece);
      at += piece.byteLength;
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The mark goes where the file goes. A disk that keeps none, such as a stick, takes the file without it. */
async function mark(part: string): Promise<void> {
  await writeFile(`${part}:${markOfTheWeb.stream}`, markOfTheWeb.text).catch(() => {});
}

/** Without a cause: the fault lies with that place, not with the folder in which Parley stores. */
function exportFault(error: unknown): ParleyError {
  const code = (error as { code?: unknown } | null)?.code;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  return new ParleyError('storage_failed', {
    message: isFull
      ? 'There is not enough room for the file in that place. Free some space there, or choose another place.'
      : 'The file could not be written to that place. Check that the folder is there and may be written to, or choose another.',
  });
}
