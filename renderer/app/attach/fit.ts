/** Sizes of pictures: what fits where, and what is too large to be unpacked at all. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Standard pictures are at most so long on their longer edge. */
export const standardEdge = 2_048;
/** What the dialog shows. */
export const previewEdge = 1_024;
export const thumbnailEdge = 320;

/** More would take half a gigabyte of memory to unpack; the largest cameras stay below. */
const mostPixels = 120_000_000;
/** The largest edge that a canvas can draw from. */
const longestEdge = 32_767;

/** Never enlarges; each edge keeps at least one pixel. */
export function fitWithin({ width, height }: Size, edge: number): Size {
  const scale = Math.min(1, edge / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Asked before anything is unpacked: a small file can claim to be an enormous picture. */
export function canUnpack({ width, height }: Size): boolean {
  return width >= 1 && height >= 1 && Math.max(width, height) <= longestEdge && width * height <= mostPixels;
}
