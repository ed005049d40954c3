/** A relay's writer as it is built (signaling-server/relay/groups.ts): one group at a time, or lanes while there is trouble. */
import type { EventQueue } from './event-queue.ts';
import type { Commit, Entry, Writer } from './shard.ts';

export interface DividingDeps {
  readonly events: EventQueue;
  /** A group of all shards: it is stored as a whole or not at all. */
  readonly commit: Commit;
  readonly largestGroup: number;
  settle(group: readonly Entry[], stored: boolean): void;
}

/** Lanes are ranges of the hash by which the database spreads conversations over its shards. */
const laneCount = 16;
const atOnce = 4;
const slowAfterSeconds = 1;
const calmSeconds = { least: 10, most: 160 };

interface Lane {
  items: Entry[];
  isBusy: boolean;
  isSuspect: boolean;
}

export function createDividingWriter({ events, commit, largestGroup, settle }: DividingDeps): Writer {
  let waiting: Entry[] = [];
  let isUnderWay = false;
  let lanes: Lane[] | null = null;
  let under = { all: 0, suspect: 0 };
  let failuresInRow = 0;
  let troubledAt = 0;
  let calm = calmSeconds.least;
  let joinedAt = -Infinity;
  let wholeUntil = -Infinity;
  let first = 0;

  const laneOf = (entry: Entry): number => Math.floor(entry.place * laneCount);

  function next(): void {
    if (lanes) return startLanes(lanes);
    if (isUnderWay || waiting.length === 0) return;
    const group = waiting.splice(0, largestGroup);
    isUnderWay = true;
    const began = events.now();
    commit(group, (stored) => {
      isUnderWay = false;
      const isTrouble = !stored || events.now() - began > slowAfterSeconds;
      if (isTrouble && events.now() >= wholeUntil) divide(stored ? [] : group);
      else if (!stored) return over(group, false);
      if (stored) settle(group, true);
      next();
    });
  }

  function over(group: readonly Entry[], stored: boolean): void {
    settle(group, stored);
    next();
  }

  /** @param again what failed: it goes first. */
  function divide(again: readonly Entry[]): void {
    const returned = events.now() - joinedAt < 2 * calm;
    calm = returned ? Math.min(2 * calm, calmSeconds.most) : calmSeconds.least;
    troubledAt = events.now();
    failuresInRow = 0;
    lanes = Array.from({ length: laneCount }, () => ({ items: [], isBusy: false, isSuspect: false }));
    for (const entry of [...again, ...waiting.splice(0)]) lanes[laneOf(entry)]?.items.push(entry);
  }

  function startLanes(all: readonly Lane[]): void {
    const isHopeless = failuresInRow >= 2 * atOnce;
    if (isHopeless || events.now() - troubledAt >= calm) {
      if (under.all === 0) join(all, isHopeless);
      return;
    }
    for (let step = 0, begin = first; step < laneCount && under.all < atOnce; step++) {
      const index = (begin + step) % laneCount;
      const lane = all[index];
      if (!lane || lane.isBusy || lane.items.length === 0) continue;
      if (lane.isSuspect && under.suspect >= atOnce / 2) continue;
      first = index + 1;
      run(lane);
    }
  }

  function run(lane: Lane): void {
    const group = lane.items.splice(0, largestGroup);
    const weight = lane.isSuspect ? 1 : 0;
    const began = events.now();
    lane.isBusy = true;
    under = { all: under.all + 1, suspect: under.suspect + weight };
    commit(group, (stored) => {
      lane.isBusy = false;
      under = { all: under.all - 1, suspect: under.suspect - weight };
      failuresInRow = stored ? 0 : failuresInRow + 1;
      lane.isSuspect = !stored || events.now() - began > slowAfterSeconds;
      if (lane.isSuspect) troubledAt = events.now();
      over(group, stored);
    });
  }

  function join(all: readonly Lane[], isHopeless: boolean): void {
    waiting = all.flatMap(({ items }) => items);
    lanes = null;
    joinedAt = events.now();
    if (isHopeless) wholeUntil = joinedAt + calm;
    next();
  }

  return {
    add(entry) {
      if (lanes) lanes[laneOf(entry)]?.items.push(entry);
      else waiting.push(entry);
      next();
    },
    get waiting() {
      return lanes ? lanes.reduce((sum, { items }) => sum + items.length, 0) : waiting.length;
    },
  };
}
