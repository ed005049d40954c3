/** Makes the small picture that travels inside a message. */
import { drawScaled, pack } from './draw.ts';
import { fitWithin, thumbnailEdge } from './fit.ts';
import { loadPicture } from './load-picture.ts';

/** Tried in this order, until one is small enough. */
const tries = [
  { edge: thumbnailEdge, quality: 0.75 },
  { edge: thumbnailEdge, quality: 0.5 },
  { edge: 240, quality: 0.45 },
  { edge: 160, quality: 0.4 },
  { edge: 96, quality: 0.35 },
  { edge: 48, quality: 0.3 },
] as const;

/** @param preview a picture that this page made. @returns null when none fits into so few bytes. */
export async function makeThumbnail(preview: Blob, mostBytes: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const picture = await loadPicture(preview);
  for (const { edge, quality } of tries) {
    const small = drawScaled(picture, fitWithin(sizeOf(picture), edge));
    const packed = await pack(small, 'image/webp', quality);
    if (packed.size <= mostBytes) return new Uint8Array(await packed.arrayBuffer());
  }
  return null;
}

function sizeOf({ naturalWidth: width, naturalHeight: height }: HTMLImageElement) {
  return { width, height };
}
