/** A file of the gallery as the parts that show it want it: how it stands, how it is opened, what it is called. */
import type { GalleryItem, TransferView } from '../../../bridge/media-views.ts';
import type { FileToOpen } from '../media/media-files.svelte.ts';
import type { UserId } from '../ids.ts';
import { mediaStand } from '../media/media-stand.ts';
import { durationWords } from '../media/media-words.ts';
import type { ShownMedia } from '../media/shown-media.ts';
import { dayAndTime } from '../time/time-words.ts';

/** @param transfer the newest known, which may be newer than the one in `media` */
export function shownItem(
  { ref, media, own }: GalleryItem,
  transfer: TransferView | null,
  me: UserId | null,
): ShownMedia {
  return { ref, item: media, stand: mediaStand(media, transfer ?? media.transfer, { own, me }) };
}

export function itemToOpen({ ref, media, own, sender }: GalleryItem): FileToOpen {
  return { ref, name: media.name, dangerous: media.dangerous, sender: own ? null : sender.displayName };
}

/** "Anna, 4 March". */
export function senderWords({ own, sender, time }: GalleryItem, now: number, locale?: string): string {
  return `${own ? 'You' : sender.displayName}, ${dayAndTime(time, now, locale)}`;
}

/** "Photo from Anna, 4 March": for tooltips and screen readers. */
export function pictureLabel(item: GalleryItem, now: number, locale?: string): string {
  const { kind, durationMs } = item.media;
  const length = kind === 'video' && durationMs !== null ? ` ${durationWords(durationMs)}` : '';
  return `${kind === 'video' ? 'Video' : 'Photo'}${length}, ${senderWords(item, now, locale)}`;
}
