/**
 * Finds where two logs differ first. A link says that everything up to it is the same, so links are the same up to some
 * seq and different from there on: halving finds it, and asking for many links at once makes the halves small.
 */

/** @returns for each seq whether both logs have the same link there. */
export type Compare = (seqs: readonly number[]) => Promise<readonly boolean[]>;

/**
 * @param seqs in order.
 * @param atOnce how many may be compared at once, at least 1.
 * @returns the place in `seqs` of the first one that differs; their number when none does.
 */
export async function firstDifference(seqs: readonly number[], atOnce: number, compare: Compare): Promise<number> {
  let [low, high] = [0, seqs.length];
  while (low < high) {
    const probes = spread(low, high, atOnce);
    const same = await compare(probes.map((place) => seqs[place] ?? 0));
    const differing = same.findIndex((isSame) => !isSame);
    if (differing >= 0) high = probes[differing] ?? high;
    const lastSame = differing < 0 ? probes.at(-1) : probes[differing - 1];
    if (lastSame !== undefined) low = lastSame + 1;
  }
  return low;
}

/** At most `count` places from `low` up to but not including `high`, evenly spread, so that all parts are equally small. */
function spread(low: number, high: number, count: number): number[] {
  const size = high - low;
  if (size <= count) return Array.from({ length: size }, (_, index) => low + index);
  return Array.from({ length: count }, (_, index) => low + Math.floor(((index + 1) * size) / (count + 1)));
}
