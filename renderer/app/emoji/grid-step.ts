/** Which cell of a grid the arrow keys go to, by where the cells stand: rows may be of different lengths. Pure. */

export interface Cell {
  readonly left: number;
  readonly top: number;
}

/** @returns null when the key means nothing here, or there is no cell that way. */
export function gridStep(cells: readonly Cell[], at: number, key: string): number | null {
  if (key === 'ArrowRight') return at + 1 < cells.length ? at + 1 : null;
  if (key === 'ArrowLeft') return at > 0 ? at - 1 : null;
  if (key === 'Home') return 0;
  if (key === 'End') return cells.length - 1;
  if (key === 'ArrowDown') return nearest(cells, at, nextRow(cells, at, 1));
  if (key === 'ArrowUp') return nearest(cells, at, nextRow(cells, at, -1));
  return null;
}

function nextRow(cells: readonly Cell[], at: number, by: 1 | -1): number | undefined {
  const here = cells[at]?.top ?? 0;
  for (let index = at + by; index >= 0 && index < cells.length; index += by) {
    const top = cells[index]?.top;
    if (top !== here) return top;
  }
  return undefined;
}

function nearest(cells: readonly Cell[], at: number, row: number | undefined): number | null {
  const here = cells[at]?.left ?? 0;
  const far = (index: number): number => Math.abs((cells[index]?.left ?? 0) - here);
  const inRow = cells.map((_, index) => index).filter((index) => cells[index]?.top === row);
  return row === undefined ? null : inRow.reduce((best, index) => (far(index) < far(best) ? index : best));
}
