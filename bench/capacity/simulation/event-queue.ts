/** The heart of a discrete-event simulation: what happens next, in the order of its time. */

interface Happening {
  readonly time: number;
  /** What was planned first happens first at equal times. */
  readonly order: number;
  readonly run: () => void;
}

export interface EventQueue {
  /** Simulated seconds since the beginning. */
  now(): number;
  /** @param time not before now. */
  at(time: number, run: () => void): void;
  after(seconds: number, run: () => void): void;
  /** Lets everything happen up to that time, in order, and moves there. */
  runUntil(time: number): void;
  /** How many things are still to happen. */
  readonly pending: number;
}

const isBefore = (a: Happening, b: Happening): boolean => a.time < b.time || (a.time === b.time && a.order < b.order);

/** A binary heap in an array. */
export function createEventQueue(): EventQueue {
  const heap: Happening[] = [];
  let now = 0;
  let planned = 0;

  function push(item: Happening): void {
    let place = heap.length;
    heap.push(item);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (!parent || isBefore(parent, item)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = item;
  }

  function pop(): Happening | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (last && heap.length > 0) sink(last);
    return first;
  }

  function sink(item: Happening): void {
    let place = 0;
    for (;;) {
      const child = lesserChild(place);
      const below = heap[child];
      if (!below || isBefore(item, below)) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = item;
  }

  function lesserChild(place: number): number {
    const left = heap[2 * place + 1];
    const right = heap[2 * place + 2];
    return left && right && isBefore(right, left) ? 2 * place + 2 : 2 * place + 1;
  }

  function at(time: number, run: () => void): void {
    if (!(time >= now)) throw new Error(`Nothing can be planned for ${String(time)} s, it is ${String(now)} s.`);
    push({ time, order: planned++, run });
  }

  return {
    now: () => now,
    at,
    after: (seconds, run) => at(now + seconds, run),
    runUntil(time) {
      for (let next = heap[0]; next && next.time <= time; next = heap[0]) {
        pop();
        now = next.time;
        next.run();
      }
      now = time;
    },
    get pending() {
      return heap.length;
    },
  };
}
