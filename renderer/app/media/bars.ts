/** A waveform as bars: as many as there is room for, the quiet ones still to be seen. Pure. */

const quietest = 0.08;

/** @param points loudness over time, 0 to 1. @returns `count` heights of `quietest` to 1; all equal without points. */
export function barHeights(points: readonly number[], count: number): number[] {
  const heights = Array.from({ length: count }, (_, bar) => loudestIn(points, bar, count));
  const loudest = Math.max(...heights);
  return heights.map((height) => (loudest > 0 ? Math.max(quietest, height / loudest) : quietest));
}

function loudestIn(points: readonly number[], bar: number, count: number): number {
  const from = Math.floor((bar * points.length) / count);
  const to = Math.max(from + 1, Math.ceil(((bar + 1) * points.length) / count));
  return Math.max(0, ...points.slice(from, to));
}
