/** What a chosen file may be shown as, by the type that the system gives it; whether it really is so shows on reading. */
import type { MediaItemView } from '../../../bridge/media-views.ts';

export type MediaKind = MediaItemView['kind'];

/** Pictures that Chromium can unpack and that are no documents: SVG may hold scripts and stays a file. */
const pictureTypes = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif', 'image/bmp']);
const unknownType = 'application/octet-stream';
const longestType = 127;

export function kindToTry(type: string): MediaKind {
  const plain = type.toLowerCase();
  if (pictureTypes.has(plain)) return 'picture';
  if (plain.startsWith('video/')) return 'video';
  return plain.startsWith('audio/') ? 'audio' : 'file';
}

/** A type as messages carry it. */
export function mediaType(type: string): string {
  return type !== '' && type.length <= longestType ? type.toLowerCase() : unknownType;
}

/** A name as messages carry it: shortened in front of its ending, so that it still opens. */
export function mediaName(name: string, longest: number): string {
  if (name === '') return 'File';
  if (name.length <= longest) return name;
  const ending = /\.[^.]{1,16}$/u.exec(name)?.[0] ?? '';
  const kept = name.slice(0, longest - ending.length).replace(/[\uD800-\uDBFF]$/, '');
  return kept + ending;
}

/** "holiday.png" as JPEG is "holiday.jpg". */
export function withEnding(name: string, ending: string): string {
  return `${name.replace(/\.[^.]{1,16}$/u, '') || 'Picture'}.${ending}`;
}
