/** The viewer: where a zoomed picture stands, and the way through the pictures of a conversation. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GalleryItem, MediaItemView } from '../../../bridge/media-views.ts';
import { joinItems, seedsFrom, type ViewedItem } from '../../../renderer/app/viewer/viewed-items.ts';
import { Viewer } from '../../../renderer/app/viewer/viewer.svelte.ts';
import { fitted, fittedSize, mostZoom, panBy, toggleZoom, zoomAt } from '../../../renderer/app/viewer/zoom.ts';
import { brand, HandEngine, message, room } from './made-up.ts';

const media: MediaItemView = {
  ...{ item: 0, kind: 'picture', name: 'a.jpg', type: 'image/jpeg', bytes: 4, width: 4, height: 3, durationMs: null },
  ...{ thumbnail: null, waveform: null, dangerous: false, held: true, transfer: null },
};

function viewed(place: number, caption?: string): GalleryItem {
  const { sender, own, time } = message(place);
  const ref = { conversation: room, message: brand<never>(`m${place}`), item: 0 };
  return { ref, media, sender, own, time, place, ...(caption === undefined ? {} : { caption }) };
}

const placesOf = (items: readonly ViewedItem[]): string[] => items.map(({ ref }) => ref.message);
const range = (from: number, to: number): GalleryItem[] =>
  Array.from({ length: to - from + 1 }, (_, index) => viewed(from + index));

describe('zooming', () => {
  const places = { stage: { width: 1_000, height: 800 }, picture: { width: 4_000, height: 2_000 } };

  it('begins with the whole picture and never enlarges a small one by itself', () => {
    expect(fittedSize(places)).toEqual({ width: 1_000, height: 500 });
    expect(fittedSize({ ...places, picture: { width: 30, height: 20 } })).toEqual({ width: 30, height: 20 });
  });

  it('keeps the point under the pointer where it is', () => {
    const at = { x: 200, y: -100 };
    const zoom = zoomAt(zoomAt(fitted, 3, at, places), 1.5, at, places);
    // The point of the picture that is there, measured from its middle at scale 1.
    expect((at.x - zoom.x) / zoom.scale).toBeCloseTo(at.x);
    expect((at.y - zoom.y) / zoom.scale).toBeCloseTo(at.y);
  });

  it('stays within its bounds, and the picture covers the stage or stands in its middle', () => {
    const number = fc.double({ min: -2_000, max: 2_000, noNaN: true });
    const step = fc.record({ factor: fc.double({ min: 0.1, max: 10, noNaN: true }), x: number, y: number });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const end = steps.reduce((zoom, { factor, x, y }) => {
          return panBy(zoomAt(zoom, factor, { x, y }, places), { x: y, y: x }, places);
        }, fitted);
        expect(end.scale).toBeGreaterThanOrEqual(1);
        expect(end.scale).toBeLessThanOrEqual(mostZoom(places) + 1e-9);
        const { width, height } = fittedSize(places);
        expect(Math.abs(end.x)).toBeLessThanOrEqual(Math.max(0, (width * end.scale - 1_000) / 2) + 1e-6);
        expect(Math.abs(end.y)).toBeLessThanOrEqual(Math.max(0, (height * end.scale - 800) / 2) + 1e-6);
      }),
    );
  });

  it('goes to the picture’s own size on a double click, and back', () => {
    const own = toggleZoom(fitted, { x: 0, y: 0 }, places);
    expect(own.scale).toBe(4);
    expect(toggleZoom(own, { x: 10, y: 10 }, places)).toEqual(fitted);
    expect(toggleZoom(fitted, { x: 0, y: 0 }, { ...places, picture: { width: 30, height: 20 } }).scale).toBe(2);
  });
});

describe('pictures of messages and of the listing', () => {
  it('are taken from messages in order, files left out', () => {
    const items = [media, { ...media, item: 1, kind: 'file' as const }, { ...media, item: 2, kind: 'video' as const }];
    const content = { kind: 'media' as const, items, text: 'The hill', replyTo: null };
    const seeds = seedsFrom([message(1), message(2, { content })]);
    expect(seeds.map(({ ref }) => [ref.message, ref.item])).toEqual([
      ['m2', 0],
      ['m2', 2],
    ]);
    expect(seeds[0]?.caption).toBe('The hill');
  });

  it('are joined where they meet, and the caption of the message stays', () => {
    const joined = joinItems([...range(4, 5), viewed(6, 'Known')], range(6, 9));
    expect(joined.joined).toBe(true);
    expect(placesOf(joined.items)).toEqual(['m4', 'm5', 'm6', 'm7', 'm8', 'm9']);
    expect(joined.items[2]?.caption).toBe('Known');
  });

  it('are not joined over a hole', () => {
    const joined = joinItems(range(1, 3), range(8, 9));
    expect([joined.joined, placesOf(joined.items)]).toEqual([false, ['m1', 'm2', 'm3']]);
  });

  it('that are newer than the listing stay at the end', () => {
    expect(placesOf(joinItems(range(3, 6), range(1, 5)).items)).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6']);
  });
});

describe('the viewer', () => {
  const page = (from: number, to: number): GalleryItem[] => range(from, to).toReversed();

  it('shows at once what it was opened with, and goes on beyond it once the listing meets it', async () => {
    const engine = new HandEngine();
    const viewer = new Viewer(engine.client);
    viewer.open(viewed(150).ref, range(149, 150));
    expect(viewer.item?.ref.message).toBe('m150');
    expect(viewer.next).toBeNull();
    await engine.at(0).answer(page(201, 300));
    expect(viewer.next).toBeNull();
    expect(engine.at(1).input).toMatchObject({ before: 201, filter: 'pictures' });
    await engine.at(1).answer(page(101, 200));
    expect([viewer.previous?.ref.message, viewer.next?.ref.message]).toEqual(['m149', 'm151']);
    expect(engine.asked).toHaveLength(2);
    viewer.step(1);
    expect(viewer.item?.ref.message).toBe('m151');
  });

  it('asks for older ones when it comes near the oldest, and stops at the first of all', async () => {
    const engine = new HandEngine();
    const viewer = new Viewer(engine.client);
    viewer.open(viewed(2).ref, range(1, 2));
    await engine.at(0).answer(page(1, 2));
    viewer.step(-1);
    viewer.step(-1);
    expect(viewer.item?.ref.message).toBe('m1');
    expect(engine.asked).toHaveLength(1);
  });

  it('can be looked through when the listing fails, and asks again', async () => {
    const engine = new HandEngine();
    const viewer = new Viewer(engine.client);
    viewer.open(viewed(2).ref, range(1, 3));
    await engine.at(0).refuse(new Error('unavailable'));
    viewer.step(1);
    expect(viewer.item?.ref.message).toBe('m3');
    expect(engine.asked).toHaveLength(2);
  });

  it('drops an answer that comes after it was closed', async () => {
    const engine = new HandEngine();
    const viewer = new Viewer(engine.client);
    viewer.open(viewed(2).ref, range(1, 2));
    viewer.close();
    await engine.at(0).answer(page(1, 5));
    expect([viewer.item, viewer.next]).toEqual([null, null]);
  });
});
