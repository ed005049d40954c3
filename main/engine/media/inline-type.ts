/** Which files a page may be given, and under which media type: a fixed list, whatever the sender claims. */
import type { MediaKind } from '../../../protocol/index.ts';

const unknownType = 'application/octet-stream';

const types: Readonly<Record<'picture' | 'video' | 'audio', ReadonlySet<string>>> = {
  picture: new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/avif', 'image/bmp']),
  video: new Set(['video/mp4', 'video/webm', 'video/ogg', 'video/quicktime']),
  audio: new Set([
    'audio/mpeg',
    'audio/mp4',
    'audio/aac',
    'audio/ogg',
    'audio/opus',
    'audio/webm',
    'audio/wav',
    'audio/flac',
  ]),
};

/** Other names for the same. */
const synonyms: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'audio/mp3': 'audio/mpeg',
  'audio/x-m4a': 'audio/mp4',
  'audio/m4a': 'audio/mp4',
  'audio/x-wav': 'audio/wav',
  'audio/wave': 'audio/wav',
  'audio/x-flac': 'audio/flac',
  'video/x-m4v': 'video/mp4',
};

/** A media type without parameters, in one form; anything malformed is no type at all. */
export function plainType(type: string): string {
  const [bare = ''] = type.split(';', 1);
  const plain = bare.trim().toLowerCase();
  if (!/^[a-z0-9.+-]+\/[a-z0-9.+-]+$/.test(plain)) return unknownType;
  return synonyms[plain] ?? plain;
}

/** @param type as `plainType` gives it. @returns null for a file that no page may be given. */
export function inlineType(kind: MediaKind, type: string): string | null {
  if (kind === 'file') return null;
  return types[kind === 'voice' ? 'audio' : kind].has(type) ? type : null;
}
