/** Words of the dialog in which files are looked at before they are sent. */
import { bytesWords, durationWords } from '../media/media-words.ts';
import type { Attachment, PictureForm } from './attachment.svelte.ts';
import type { MediaKind } from './file-kind.ts';

const one: Record<MediaKind, string> = {
  picture: 'Send a picture',
  video: 'Send a video',
  voice: 'Send a recording',
  audio: 'Send an audio file',
  file: 'Send a file',
};
const several: Record<MediaKind, string> = {
  picture: 'pictures',
  video: 'videos',
  voice: 'recordings',
  audio: 'audio files',
  file: 'files',
};

/** "Send a picture", "Send 3 pictures", "Send 7 files". */
export function titleWords(kinds: readonly MediaKind[]): string {
  const [first = 'file'] = kinds;
  if (kinds.length === 1) return one[first];
  return `Send ${kinds.length} ${several[kinds.every((kind) => kind === first) ? first : 'file']}`;
}

/** "2048 × 1536 · 380 kB", "0:42 · 12 MB", "84 kB"; "Reading…" until it is known. */
export function detailWords(item: Attachment, form: PictureForm): string {
  const ready = item.ready(form);
  if (!ready) return item.reading ? 'Resizing…' : 'Reading…';
  const { outgoing, reading } = ready;
  const parts = [bytesWords(outgoing.blob.size)];
  if (outgoing.width !== null && outgoing.height !== null) parts.unshift(`${outgoing.width} × ${outgoing.height}`);
  if (reading.durationMs !== null) parts.unshift(durationWords(reading.durationMs));
  return parts.join(' · ');
}

export const formWords: Record<PictureForm, string> = {
  standard: 'At most 2048 pixels wide or high, without camera data and location.',
  original: 'As it is in the file; keeps camera data and location.',
};

/** Asked before files that were chosen are let go. */
export function discardWords(files: number): string {
  return files === 1 ? 'The picture was pasted and is not sent yet.' : `${files} files are chosen and not sent yet.`;
}
