/** Where pictures stand: one alone, several as an album, bars of a waveform, names cut in the middle. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { albumLayout } from '../../../renderer/app/media/album-layout.ts';
import { barHeights } from '../../../renderer/app/media/bars.ts';
import { bufferedStretches } from '../../../renderer/app/media/buffered.ts';
import { extensionWords, fileNameParts } from '../../../renderer/app/media/file-name-parts.ts';
import { pictureBox } from '../../../renderer/app/media/picture-box.ts';

const ratios = fc.array(fc.double({ min: 0.05, max: 20, noNaN: true }), { minLength: 1, maxLength: 10 });

describe('an album', () => {
  it('gives each picture a tile, fills its area exactly and lets no two overlap', () => {
    fc.assert(
      fc.property(ratios, (given) => {
        const { tiles, ratio } = albumLayout(given);
        expect(tiles).toHaveLength(given.length);
        expect(ratio).toBeGreaterThanOrEqual(1 / 1.15 - 1e-9);
        expect(ratio).toBeLessThanOrEqual(2 + 1e-9);
        const area = tiles.reduce((sum, { width, height }) => sum + width * height, 0);
        expect(area).toBeCloseTo(1, 6);
        for (const { left, top, width, height } of tiles) {
          expect(Math.min(left, top, width, height)).toBeGreaterThanOrEqual(0);
          expect(Math.max(left + width, top + height)).toBeLessThanOrEqual(1 + 1e-9);
        }
        tiles.forEach((one, index) => {
          for (const other of tiles.slice(index + 1)) {
            const wide = Math.min(one.left + one.width, other.left + other.width) - Math.max(one.left, other.left);
            const high = Math.min(one.top + one.height, other.top + other.height) - Math.max(one.top, other.top);
            expect(Math.min(wide, high)).toBeLessThan(1e-6);
          }
        });
      }),
    );
  });

  it('reads from left to right and from top to bottom', () => {
    fc.assert(
      fc.property(ratios, (given) => {
        const { tiles } = albumLayout(given);
        tiles.slice(1).forEach((tile, index) => {
          const before = tiles[index];
          expect(tile.top > (before?.top ?? 0) - 1e-9 || tile.left > (before?.left ?? 0)).toBe(true);
        });
      }),
    );
  });

  it('puts two landscapes one below another or beside another without cropping much', () => {
    const { tiles, ratio } = albumLayout([1.5, 1.5]);
    for (const { width, height } of tiles) expect((width / height) * ratio).toBeCloseTo(1.5, 0);
  });

  it('leads with a tall picture and stacks two others beside it', () => {
    const { tiles } = albumLayout([0.7, 1.5, 1.5]);
    expect(tiles[0]).toMatchObject({ left: 0, top: 0, height: 1 });
    expect(tiles[1]?.left).toBeCloseTo(tiles[2]?.left ?? 0);
    expect(tiles[2]?.top).toBeGreaterThan(0);
  });

  it('leaves no picture of ten too small to be seen', () => {
    const { tiles, ratio } = albumLayout([1.3, 0.6, 1.5, 1, 2.4, 0.75, 1.3, 0.6, 1.5, 1]);
    for (const { width, height } of tiles) expect(Math.min(width, height / ratio)).toBeGreaterThan(0.13);
  });
});

describe('one picture', () => {
  it('keeps its shape within the largest box', () => {
    expect(pictureBox({ width: 1_600, height: 1_200 })).toEqual({ width: 440, height: 330, fills: true });
    expect(pictureBox({ width: 1_200, height: 1_600 })).toEqual({ width: 300, height: 400, fills: true });
  });

  it('stands whole in its box when it is very wide, very tall or very small', () => {
    expect(pictureBox({ width: 6_000, height: 1_000 })).toMatchObject({ width: 440, fills: false });
    expect(pictureBox({ width: 500, height: 4_000 })).toMatchObject({ height: 400, fills: false });
    expect(pictureBox({ width: 32, height: 32 })).toMatchObject({ width: 176, fills: false });
  });

  it('has a place even when nobody told its dimensions, and room for a caption', () => {
    expect(pictureBox({ width: null, height: null })).toMatchObject({ width: 440, height: 330 });
    expect(pictureBox({ width: 600, height: 1_000 }, 264).width).toBe(264);
  });

  it('never leaves its bounds', () => {
    const side = fc.integer({ min: 1, max: 65_535 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        const box = pictureBox({ width, height });
        expect(box.width).toBeGreaterThanOrEqual(176);
        expect(box.width).toBeLessThanOrEqual(440);
        expect(box.height).toBeGreaterThanOrEqual(120);
        expect(box.height).toBeLessThanOrEqual(400);
      }),
    );
  });
});

describe('bars of a waveform', () => {
  it('are as many as asked for, the loudest full, the quiet ones still there', () => {
    expect(barHeights([0, 0.25, 0.5, 0], 4)).toEqual([0.08, 0.5, 1, 0.08]);
    expect(barHeights([0.5, 0.1], 4)).toEqual([1, 1, 0.2, 0.2]);
    expect(barHeights([], 3)).toEqual([0.08, 0.08, 0.08]);
    expect(barHeights([0, 0], 2)).toEqual([0.08, 0.08]);
  });

  it('take the loudest of what they stand for', () => {
    const heights = barHeights([0.1, 1, 0.1, 0.1, 0.1, 0.5], 2);
    expect(heights).toEqual([1, 0.5]);
  });
});

it('parts of a film that are here are shares of the whole', () => {
  expect(bufferedStretches([{ start: 5, end: 10 }], 20)).toEqual([{ left: 0.25, width: 0.25 }]);
  expect(bufferedStretches([{ start: 0, end: 30 }], 20)).toEqual([{ left: 0, width: 1 }]);
  expect(bufferedStretches([{ start: 0, end: 1 }], NaN)).toEqual([]);
  expect(bufferedStretches([{ start: 0, end: 1 }], Infinity)).toEqual([]);
});

describe('a long name', () => {
  it.each([
    ['notes.txt', 'notes.txt', ''],
    ['Minutes of the general assembly (final).pdf', 'Minutes of the general assembly (f', 'inal).pdf'],
    ['A name without an extension that goes on', 'A name without an extension that go', 'es on'],
    ['قائمة الأعضاء النهائية.xlsx', 'قائمة الأعضاء النهائية', '.xlsx'],
    ['😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀.png', '😀'.repeat(15), '😀😀😀😀😀.png'],
  ])('%s is cut into "%s" and "%s"', (name, start, end) => {
    expect(fileNameParts(name)).toEqual({ start, end });
  });

  it('tells its kind by its extension', () => {
    expect(extensionWords('archive.tar.gz')).toBe('TAR.GZ');
    expect(extensionWords('photo.jpeg')).toBe('JPEG');
    expect(extensionWords('README')).toBe('');
  });
});
