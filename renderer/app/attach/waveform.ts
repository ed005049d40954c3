/** Loudness over time as a row of points, 0 to 255 each: from the samples of a file or from the levels of a recording. */

/** Fewer points than wanted stay as they are. The loudest point is full, so that quiet recordings show their shape. */
export function waveformOf(levels: ArrayLike<number>, points: number): Uint8Array<ArrayBuffer> {
  const count = Math.min(points, levels.length);
  const peaks = Array.from({ length: count }, (_, point) => {
    const from = Math.floor((point * levels.length) / count);
    const to = Math.floor(((point + 1) * levels.length) / count);
    return loudest(levels, from, to);
  });
  const top = peaks.reduce((most, peak) => Math.max(most, peak), quietest);
  return Uint8Array.from(peaks, (peak) => Math.round((255 * Math.min(peak, top)) / top));
}

/** Below this a recording is silence, and stays flat. */
const quietest = 0.02;

function loudest(levels: ArrayLike<number>, from: number, to: number): number {
  let most = 0;
  for (let at = from; at < to; at++) most = Math.max(most, Math.abs(levels[at] ?? 0));
  return most;
}
