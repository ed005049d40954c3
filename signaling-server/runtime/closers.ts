/** Closes the parts of a relay in order, however the engines behind them are. */
import type { Log } from '../ports/log.ts';
import { doneWithin } from './within.ts';

export interface Closers {
  /**
   * @param how 'in its own time': the part itself sees to it that it closes in time. The others share four seconds; one that is
   * not closed by then, such as a sweep that waits for a database that hangs, is left to the process's end.
   */
  add(name: string, close: () => Promise<void>, how?: 'in its own time'): void;
  /** Closes what was added, last first, each once, whatever the others do. Never rejects. */
  closeAll(): Promise<void>;
}

interface Part {
  readonly name: string;
  readonly close: () => Promise<void>;
  readonly bounded: boolean;
}

/** What the parts may take together that set themselves no bounds, in milliseconds. */
const partsMs = 4_000;

export function createClosers(log: Log): Closers {
  const parts: Part[] = [];
  let closing: Promise<void> | null = null;
  let leftMs = partsMs;

  async function close({ name, close: end, bounded }: Part): Promise<void> {
    const ended = end().catch((error: unknown) => log.error('relay.close_failed', { part: name, error }));
    if (!bounded) return ended;
    const since = performance.now();
    if (!(await doneWithin(ended, leftMs))) log.warn('relay.close_slow', { part: name });
    leftMs = Math.max(0, leftMs - (performance.now() - since));
  }

  async function run(): Promise<void> {
    for (let next = parts.pop(); next; next = parts.pop()) await close(next);
  }

  return {
    add(name, end, how) {
      parts.push({ name, close: end, bounded: how === undefined });
    },
    closeAll: () => (closing ??= run()),
  };
}
