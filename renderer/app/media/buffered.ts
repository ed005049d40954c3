/** Which parts of a film are here, as a bar shows them. Pure. */

export interface Stretch {
  readonly left: number;
  readonly width: number;
}

/** @param ranges in seconds. @returns shares of 0 to 1 of the whole. */
export function bufferedStretches(
  ranges: readonly { readonly start: number; readonly end: number }[],
  duration: number,
): Stretch[] {
  if (!(duration > 0) || !Number.isFinite(duration)) return [];
  return ranges.map(({ start, end }) => ({
    left: Math.max(0, start / duration),
    width: Math.min(1, end / duration) - Math.max(0, start / duration),
  }));
}
