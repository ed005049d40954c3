/** The pictures and videos among messages, in order, and how what the engine lists is joined to them. Pure. */
import type { GalleryItem } from '../../../bridge/media-views.ts';
import type { MessageView } from '../../../bridge/views.ts';
import { refKey } from '../transfers/transfer-order.ts';

/** What the viewer goes through: of an item that came with its message the place in the listing is not known. */
export type ViewedItem = Omit<GalleryItem, 'place'>;

export function seedsFrom(messages: readonly MessageView[]): ViewedItem[] {
  return messages.flatMap(({ id, conversation, sender, own, time, content }) => {
    if (content.kind !== 'media') return [];
    const visual = content.items.filter(({ kind }) => kind === 'picture' || kind === 'video');
    return visual.map((media) => ({
      ref: { conversation, message: id, item: media.item },
      media,
      sender,
      own,
      time,
      caption: content.text,
    }));
  });
}

export interface Joined {
  readonly items: readonly ViewedItem[];
  /** Whether the two have an item in common: else there may be others between them, and only the seeds are shown. */
  readonly joined: boolean;
}

/**
 * @param seeds a stretch without gaps, oldest first
 * @param listed what the engine listed so far: without gaps up to the newest, oldest first
 */
export function joinItems(seeds: readonly ViewedItem[], listed: readonly ViewedItem[]): Joined {
  const keys = new Set(listed.map(({ ref }) => refKey(ref)));
  const first = seeds.findIndex(({ ref }) => keys.has(refKey(ref)));
  if (first < 0) return { items: seeds, joined: false };
  const after = seeds.slice(first).filter(({ ref }) => !keys.has(refKey(ref)));
  return { items: [...seeds.slice(0, first), ...withSeeds(listed, seeds), ...after], joined: true };
}

/** A seed knows what a listing does not: the caption. */
function withSeeds(listed: readonly ViewedItem[], seeds: readonly ViewedItem[]): ViewedItem[] {
  const known = new Map(seeds.map((seed) => [refKey(seed.ref), seed]));
  return listed.map((item) => known.get(refKey(item.ref)) ?? item);
}
