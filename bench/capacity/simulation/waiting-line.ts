/** A queue from whose front several are taken at once, without moving the rest. */

export interface WaitingLine<T> {
  push(item: T): void;
  /** The longest waiting ones, at most so many. */
  take(count: number): T[];
  readonly length: number;
}

/** Taken items are cleared away when they are most of the array. */
const sweepAbove = 1_024;

export function createWaitingLine<T>(): WaitingLine<T> {
  let items: T[] = [];
  let first = 0;
  return {
    push: (item) => void items.push(item),
    take(count) {
      const taken = items.slice(first, first + count);
      first += taken.length;
      if (first > sweepAbove && first * 2 > items.length) {
        items = items.slice(first);
        first = 0;
      }
      return taken;
    },
    get length() {
      return items.length - first;
    },
  };
}
