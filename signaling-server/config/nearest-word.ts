/** Finds the word that a person probably meant. */

/** @returns the word that is fewest edits away, or null when none is near enough to be a slip. */
export function nearestWord(typed: string, words: readonly string[]): string | null {
  const scored = words.map((word) => ({ word, edits: editsBetween(typed.toLowerCase(), word.toLowerCase()) }));
  const [best] = scored.sort((a, b) => a.edits - b.edits);
  return best && best.edits <= Math.max(2, Math.floor(typed.length / 4)) ? best.word : null;
}

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours each count one. */
function editsBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const edits = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      row[j] = swapped ? Math.min(edits, (beforeLast[j - 2] ?? 0) + 1) : edits;
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
