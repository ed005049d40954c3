/** Gives messages their rowids, by the relay's time and a counter, so that the newest stand last over all conversations. */
import type { Database } from './database.ts';

export interface MessageRowids {
  /** One that is not taken yet, for a message of this relay time. */
  free(time: number): number;
}

const slotsPerMs = 1_024;
/** Far enough for every honest clock, and small enough to stay an exact number. */
const latestTime = 8_000_000_000_000;

/** The first rowid that a message of this relay time can have. */
export function firstRowidAt(time: number): number {
  return Math.min(time, latestTime) * slotsPerMs;
}

export function createMessageRowids(database: Database): MessageRowids {
  const lastRowidBefore = database
    .prepare<[number, number], number>('SELECT max(rowid) FROM messages WHERE rowid >= ? AND rowid < ?')
    .pluck();

  return {
    free(time) {
      for (let first = firstRowidAt(time); ; first += slotsPerMs) {
        const last = lastRowidBefore.get(first, first + slotsPerMs);
        if (typeof last !== 'number') return first;
        if (last + 1 < first + slotsPerMs) return last + 1;
      }
    },
  };
}
