/** Finds out what a film is: its size, its length, and a picture that stands for it. */
import { drawScaled, pack } from './draw.ts';
import { canUnpack, fitWithin, previewEdge, type Size } from './fit.ts';
import { durationMsOf, seekTo, withMedia } from './media-element.ts';
import { readSound } from './read-sound.ts';
import { isOnlyFile, type Reading } from './reading.ts';

const previewQuality = 0.85;
/** Looked at in this order, as parts of the length: many films begin black. */
const places = [0, 0.02, 0.1, 0.35] as const;
/** Where a picture is brighter than this somewhere, it shows something. */
const darkest = 40;

/** @throws when it can't be played here. */
export async function readVideo(file: File): Promise<Reading> {
  const reading = await withMedia(document.createElement('video'), file, async (video) => {
    const size = { width: video.videoWidth, height: video.videoHeight };
    if (size.width === 0 && size.height === 0) return null;
    if (!canUnpack(size)) return isOnlyFile;
    const durationMs = await durationMsOf(video);
    const preview = await posterOf(video, size, durationMs).catch(() => null);
    return { ...isOnlyFile, kind: 'video' as const, ...size, durationMs, preview };
  });
  // A film without pictures is sound.
  return reading ?? readSound(file);
}

async function posterOf(video: HTMLVideoElement, size: Size, durationMs: number | null): Promise<Blob | null> {
  for (const [index, place] of places.entries()) {
    await seekTo(video, ((durationMs ?? 0) / 1_000) * place);
    const last = durationMs === null || index === places.length - 1;
    if (!last && isDark(video)) continue;
    return pack(drawScaled(video, fitWithin(size, previewEdge)), 'image/webp', previewQuality);
  }
  return null;
}

function isDark(video: HTMLVideoElement): boolean {
  const small = drawScaled(video, { width: 32, height: 18 });
  const pixels = small.getContext('2d')?.getImageData(0, 0, small.width, small.height).data ?? [];
  return !pixels.some((value, at) => at % 4 !== 3 && value > darkest);
}
