/** The gallery of a conversation: pages, search, new files, months. */
import { describe, expect, it, vi } from 'vitest';
import type { GalleryItem } from '../../../bridge/media-views.ts';
import { Gallery } from '../../../renderer/app/gallery/gallery.svelte.ts';
import { galleryMonths } from '../../../renderer/app/gallery/gallery-months.ts';
import { pictureLabel } from '../../../renderer/app/gallery/gallery-item.ts';
import { brand, HandEngine, message, room } from './made-up.ts';

const now = new Date(2025, 2, 12, 15, 30).getTime();

function item(place: number, changes: Partial<GalleryItem> = {}): GalleryItem {
  return {
    ref: { conversation: room, message: brand(`m${place}`), item: 0 },
    media: {
      ...{ item: 0, kind: 'picture', name: 'a.jpg', type: 'image/jpeg', bytes: 1, width: 1, height: 1 },
      ...{ durationMs: null, thumbnail: null, waveform: null, dangerous: false, held: true, transfer: null },
    },
    sender: { id: brand('anna'), username: 'anna', displayName: 'Anna' },
    ...{ own: false, time: now, place },
    ...changes,
  };
}

/** Newest first. */
function items(from: number, to: number): GalleryItem[] {
  return Array.from({ length: from - to + 1 }, (_, index) => item(from - index));
}

function places(gallery: Gallery): number[] {
  return gallery.items.map(({ place }) => place);
}

async function galleryWith(first: GalleryItem[]) {
  const engine = new HandEngine();
  const gallery = new Gallery(engine.client, room, 0);
  const stop = gallery.follow();
  await engine.at(0).answer(first);
  return { engine, gallery, stop };
}

const withFile = () => message(200, { content: { kind: 'media', items: [], text: '', replyTo: null } });
const changed = { conversation: room, removed: [], reload: false };

describe('a gallery', () => {
  it('grows page by page from the place of its last item, and knows its end', async () => {
    const { engine, gallery } = await galleryWith(items(100, 41));
    expect(gallery.hasMore).toBe(true);
    const more = gallery.loadMore();
    void gallery.loadMore();
    expect(engine.asked).toHaveLength(2);
    expect(engine.at(-1).input).toMatchObject({ before: 41, filter: 'pictures', query: '' });
    await engine.at(-1).answer(items(40, 20));
    await more;
    expect(gallery.items).toHaveLength(81);
    expect(gallery.hasMore).toBe(false);
  });

  it('a page that could not be had says why and can be asked for again', async () => {
    const { engine, gallery } = await galleryWith(items(100, 41));
    const more = gallery.loadMore();
    await engine.at(-1).refuse(new Error('x'));
    await more;
    expect(gallery.moreFault).not.toBeNull();
    expect(gallery.phase.state).toBe('ready');
    void gallery.loadMore();
    expect(engine.asked).toHaveLength(3);
    expect(gallery.moreFault).toBeNull();
  });

  it('another tab empties it at once, and late answers of the one before are dropped', async () => {
    const { engine, gallery } = await galleryWith(items(100, 41));
    void gallery.loadMore();
    const late = engine.at(-1);
    gallery.filter = 'files';
    expect(gallery.items).toEqual([]);
    expect(gallery.phase.state).toBe('loading');
    await late.answer(items(40, 20));
    expect(gallery.items).toEqual([]);
    await engine.at(-1).answer(items(3, 1));
    expect(places(gallery)).toEqual([3, 2, 1]);
  });

  it('a search asks once typing stops, and pages meanwhile belong to what is shown', async () => {
    vi.useFakeTimers();
    try {
      const { engine, gallery } = await galleryWith(items(100, 41));
      gallery.query = 'hil';
      gallery.query = 'hill ';
      void gallery.loadMore();
      expect(engine.at(-1).input).toMatchObject({ query: '', before: 41 });
      await vi.advanceTimersByTimeAsync(1);
      expect(engine.asked).toHaveLength(3);
      expect(engine.at(-1).input).toMatchObject({ query: 'hill' });
      expect(engine.at(-1).input).not.toHaveProperty('before');
    } finally {
      vi.useRealTimers();
    }
  });

  it('new files come in front without losing what was scrolled through', async () => {
    const { engine, gallery } = await galleryWith(items(100, 41));
    const more = gallery.loadMore();
    await engine.at(-1).answer(items(40, 30));
    await more;
    engine.emit('messages.changed', { ...changed, messages: [withFile()] });
    await engine.at(-1).answer(items(101, 42));
    expect(places(gallery)).toEqual(items(101, 30).map(({ place }) => place));
  });

  it('what was taken away goes', async () => {
    const { engine, gallery } = await galleryWith(items(5, 1));
    engine.emit('messages.changed', { ...changed, messages: [], removed: ['m5'] });
    await engine.at(-1).answer(items(4, 1));
    expect(places(gallery)).toEqual([4, 3, 2, 1]);
  });

  it('words and other conversations are none of its business, nor anything once it is left', async () => {
    const { engine, stop } = await galleryWith(items(5, 1));
    engine.emit('messages.changed', { ...changed, messages: [message(6)] });
    engine.emit('messages.changed', { ...changed, conversation: brand('other'), messages: [withFile()] });
    stop();
    engine.emit('messages.changed', { ...changed, messages: [withFile()] });
    expect(engine.asked).toHaveLength(1);
  });
});

it('months keep the order, and those of other years name them', () => {
  const at = (year: number, month: number, day: number) => new Date(year, month, day).getTime();
  const times = [at(2025, 2, 10), at(2025, 2, 1), at(2025, 1, 28), at(2024, 2, 3)];
  const months = galleryMonths(
    times.map((time, index) => item(10 - index, { time })),
    now,
    'en-GB',
  );
  expect(months.map(({ words, items: month }) => [words, month.length])).toEqual([
    ['March', 2],
    ['February', 1],
    ['March 2024', 1],
  ]);
  expect(new Set(months.map(({ key }) => key)).size).toBe(3);
});

it('a picture is called by what it is, whose it is and when it came', () => {
  expect(pictureLabel(item(1), now, 'en-GB')).toBe('Photo, Anna, today at 15:30');
  const { media } = item(1);
  const clip = item(1, { own: true, media: { ...media, kind: 'video', durationMs: 42_000 } });
  expect(pictureLabel(clip, now, 'en-GB')).toBe('Video 0:42, You, today at 15:30');
});
