/** Draws pictures smaller and packs them again; what comes out holds pixels only, no camera data and no location. */
import type { Size } from './fit.ts';

export function drawScaled(source: CanvasImageSource, { width, height }: Size): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('The page has no memory left to draw with.');
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, width, height);
  return canvas;
}

/** @throws when the picture cannot be packed: too large for the memory at hand. */
export function pack(canvas: HTMLCanvasElement, type: 'image/jpeg' | 'image/webp', quality: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const done = (blob: Blob | null): void =>
      blob ? resolve(blob) : reject(new Error('The picture could not be packed.'));
    canvas.toBlob(done, type, quality);
  });
}

/** Whether anything shines through. */
export function isTransparent(canvas: HTMLCanvasElement): boolean {
  const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
  for (let at = 3; at < pixels.length; at += 4) if (pixels[at] !== 255) return true;
  return false;
}
