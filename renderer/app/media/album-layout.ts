/**
 * Where the pictures of an album stand: rows that fill the width, or one leading picture with the others beside it,
 * whichever crops the least. Pure; all in shares of the album's width and height, so that it scales with the bubble.
 */

export interface Tile {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface AlbumLayout {
  /** Width by height of the whole. */
  readonly ratio: number;
  /** One for each picture, in order; shares of 0 to 1. */
  readonly tiles: readonly Tile[];
}

/** Heights of the whole, by its width. */
const lowest = 0.5;
const highest = 1.15;
const favourite = 0.85;
const mostInRow = 4;
/** Taller and wider pictures than these are laid out as if they were these, and cropped. */
const steepest = 0.6;
const flattest = 2.2;

interface Candidate {
  readonly height: number;
  readonly tiles: readonly Tile[];
  readonly cost: number;
}

/** @param ratios width by height of each picture, in order; at least one */
export function albumLayout(ratios: readonly number[]): AlbumLayout {
  const shown = ratios.map((ratio) => Math.min(flattest, Math.max(steepest, ratio)));
  const candidates = [...rowCounts(shown.length).map((counts) => inRows(shown, counts)), ...withLead(shown)];
  const best = candidates.reduce((one, other) => (other.cost < one.cost ? other : one));
  return { ratio: 1 / best.height, tiles: best.tiles };
}

/** All ways to put so many pictures into rows of at most four, in order. */
function rowCounts(count: number): number[][] {
  if (count === 0) return [[]];
  const first = Array.from({ length: Math.min(mostInRow, count) }, (_, index) => index + 1);
  return first.flatMap((row) => rowCounts(count - row).map((rest) => [row, ...rest]));
}

function inRows(ratios: readonly number[], counts: readonly number[]): Candidate {
  let at = 0;
  const rows = counts.map((count) => ratios.slice(at, (at += count)));
  const natural = rows.map((row) => 1 / sum(row));
  const height = held(sum(natural));
  const scale = height / sum(natural);
  let top = 0;
  const tiles = rows.flatMap((row, index) => {
    const rowHeight = ((natural[index] ?? 0) * scale) / height;
    const placed = besideOneAnother(row, { left: 0, top, width: 1, height: rowHeight });
    top += rowHeight;
    return placed;
  });
  return { height, tiles, cost: costOf(ratios, tiles, height) + uneven(natural) };
}

/** One large picture at the left, the others in a column at its right: for three or four. */
function withLead(ratios: readonly number[]): Candidate[] {
  const [lead, ...others] = ratios;
  if (lead === undefined || others.length < 2 || others.length > 3) return [];
  const stack = sum(others.map((ratio) => 1 / ratio));
  // Both columns are as high as one another when the lead takes this share of the width.
  const share = Math.min(0.74, Math.max(0.5, stack / (1 / lead + stack)));
  const height = held((share / lead + (1 - share) * stack) / 2);
  let top = 0;
  const beside = others.map((ratio) => {
    const tile = { left: share, top, width: 1 - share, height: 1 / ratio / stack };
    top += tile.height;
    return tile;
  });
  const tiles = [{ left: 0, top: 0, width: share, height: 1 }, ...beside];
  return [{ height, tiles, cost: costOf(ratios, tiles, height) }];
}

function besideOneAnother(ratios: readonly number[], { left, top, width, height }: Tile): Tile[] {
  const whole = sum(ratios);
  let at = left;
  return ratios.map((ratio) => {
    const tile = { left: at, top, width: (ratio / whole) * width, height };
    at += tile.width;
    return tile;
  });
}

/** How much is cropped, how far the whole is from its favourite height, and whether a picture gets too small to see. */
function costOf(ratios: readonly number[], tiles: readonly Tile[], height: number): number {
  const crops = tiles.map((tile, index) =>
    Math.abs(Math.log(tile.width / (tile.height * height) / (ratios[index] ?? 1))),
  );
  const tiny = tiles.filter((tile) => Math.min(tile.width, tile.height * height) < 0.19).length;
  return sum(crops) / tiles.length + 0.5 * Math.abs(Math.log(height / favourite)) + tiny;
}

/** Rows of very different heights look like an accident. */
function uneven(heights: readonly number[]): number {
  return 0.3 * Math.log(Math.max(...heights) / Math.min(...heights));
}

function held(height: number): number {
  return Math.min(highest, Math.max(lowest, height));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
