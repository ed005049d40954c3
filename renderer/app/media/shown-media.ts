/** A file as a bubble shows it: the item, whose it is, and how it stands now. */
import type { MediaItemView, MediaRef, TransferView } from '../../../bridge/media-views.ts';
import type { MessageView } from '../../../bridge/views.ts';
import type { UserId } from '../ids.ts';
import type { FileToOpen } from './media-files.svelte.ts';
import { mediaStand, type MediaStand } from './media-stand.ts';
import { durationWords } from './media-words.ts';

export interface ShownMedia {
  readonly ref: MediaRef;
  readonly item: MediaItemView;
  readonly stand: MediaStand;
}

export function shownMedia(
  message: MessageView,
  transferOf: (ref: MediaRef) => TransferView | null,
  me: UserId | null,
): ShownMedia[] {
  if (message.content.kind !== 'media') return [];
  return message.content.items.map((item) => {
    const ref = { conversation: message.conversation, message: message.id, item: item.item };
    return { ref, item, stand: mediaStand(item, transferOf(ref) ?? item.transfer, { own: message.own, me }) };
  });
}

export function isVisual({ item }: ShownMedia): boolean {
  return item.kind === 'picture' || item.kind === 'video';
}

export function fileToOpen({ ref, item }: ShownMedia, message: MessageView): FileToOpen {
  const { name, dangerous } = item;
  return { ref, name, dangerous, sender: message.own ? null : message.sender.displayName };
}

/** "Photo", "Video 0:42", with its place in an album: the name of a picture for screen readers. */
export function visualLabel({ item, stand }: ShownMedia, place: number, count: number): string {
  const what = item.kind === 'picture' ? 'Photo' : 'Video';
  const length = item.kind === 'video' && item.durationMs !== null ? ` ${durationWords(item.durationMs)}` : '';
  const which = count > 1 ? ` ${place} of ${count}` : '';
  return [`${what}${which}${length}`, stand.words].filter((part) => part !== '').join(', ');
}
