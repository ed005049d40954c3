/** Finds out what a chosen file is, in this sandboxed page; whatever can't be read as more is a file, and never lost. */
import { kindToTry } from './file-kind.ts';
import { readPicture } from './read-picture.ts';
import { readSound } from './read-sound.ts';
import { readVideo } from './read-video.ts';
import { isOnlyFile, type Reading } from './reading.ts';

/** Never throws. */
export async function readFile(file: File): Promise<Reading> {
  try {
    const kind = kindToTry(file.type);
    if (kind === 'picture') return await readPicture(file);
    if (kind === 'video') return await readVideo(file);
    return kind === 'audio' ? await readSound(file) : isOnlyFile;
  } catch {
    return isOnlyFile;
  }
}
