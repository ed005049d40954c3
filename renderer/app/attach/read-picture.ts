/** Finds out what a picture is, and makes its standard form. */
import { animationProbeBytes, isAnimated } from './animation.ts';
import { drawScaled, isTransparent, pack } from './draw.ts';
import { withEnding } from './file-kind.ts';
import { canUnpack, fitWithin, previewEdge, standardEdge, thumbnailEdge, type Size } from './fit.ts';
import { loadPicture } from './load-picture.ts';
import { isOnlyFile, type Reading } from './reading.ts';

/** Packed pictures are held whole in memory to be unpacked; larger files than this go as files. */
const mostPackedBytes = 96 * 1024 * 1024;
const previewQuality = 0.85;
const standardQuality = 0.88;

/** A picture ready to be sent in place of the file: resized, turned upright, without camera data. */
export interface StandardPicture extends Size {
  readonly blob: Blob;
  readonly name: string;
}

export async function readPicture(file: File): Promise<Reading> {
  if (file.size > mostPackedBytes) return isOnlyFile;
  const picture = await loadPicture(file);
  const size = sizeOf(picture);
  if (!canUnpack(size)) return isOnlyFile;
  const preview = await pack(drawScaled(picture, fitWithin(size, previewEdge)), 'image/webp', previewQuality);
  const animated = isAnimated(new Uint8Array(await file.slice(0, animationProbeBytes).arrayBuffer()));
  return { ...isOnlyFile, kind: 'picture', ...size, preview, resizable: !animated };
}

/** JPEG, which every program opens; WebP where the picture is transparent. @throws when memory runs out. */
export async function makeStandard(file: File): Promise<StandardPicture> {
  const picture = await loadPicture(file);
  const size = fitWithin(sizeOf(picture), standardEdge);
  const canvas = drawScaled(picture, size);
  const transparent = isTransparent(drawScaled(canvas, fitWithin(size, thumbnailEdge)));
  const type = transparent ? 'image/webp' : 'image/jpeg';
  const blob = await pack(canvas, type, standardQuality);
  return { blob, name: withEnding(file.name, transparent ? 'webp' : 'jpg'), ...size };
}

function sizeOf({ naturalWidth: width, naturalHeight: height }: HTMLImageElement): Size {
  return { width, height };
}
