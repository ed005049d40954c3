/** A database shard, and the writers of relays that bring it groups of messages. */
import type { EventQueue } from './event-queue.ts';
import { normal } from './random.ts';
import type { FleetSettings } from './settings.ts';
import { createStation } from './station.ts';

export interface Entry {
  /** When it was typed. */
  readonly typedAt: number;
  readonly region: number;
  readonly shard: number;
  /** Where its conversation stands among all, by the hash that spreads them over shards: from 0 up to 1. */
  readonly place: number;
  readonly members: number;
  /** Of the one conversation that everybody writes to: its row is changed by one group at a time. */
  readonly isHot: boolean;
}

type ShardSettings = Pick<FleetSettings, 'coresPerShard' | 'seconds'>;

export interface Shard {
  isAway: boolean;
  readonly commit: Commit;
}

/** A refusal is not instant: a connection is found broken, or a pool is asked in vain. */
const refusalSeconds = 0.1;

/** Of the logarithm of a commit's time: the hundredth commit takes four times the usual one. */
const commitSpread = 0.6;

export function createShard(events: EventQueue, random: () => number, settings: ShardSettings): Shard {
  const { seconds } = settings;
  const cpu = createStation(events, settings.coresPerShard);
  /** When the row of the hot conversation is free again: it is held from the first statement until durable. */
  let rowFreeAt = 0;

  const drawCommit = (): number => seconds.replicate + seconds.commit * Math.exp(commitSpread * normal(random));

  function run(group: readonly Entry[], commit: number, finish: () => void): void {
    cpu.serve(seconds.group + group.length * seconds.groupMessage, () => events.after(commit, finish));
  }

  const shard: Shard = {
    isAway: false,
    commit(group, done) {
      if (shard.isAway) return events.after(refusalSeconds, () => done(false));
      const finish = (): void => done(!shard.isAway);
      const commit = drawCommit();
      if (!group.some(({ isHot }) => isHot)) return run(group, commit, finish);
      const begins = Math.max(events.now(), rowFreeAt);
      rowFreeAt = begins + seconds.group + group.length * seconds.groupMessage + commit;
      events.at(begins, () => run(group, commit, finish));
    },
  };
  return shard;
}

/** Brings a group to where it is kept. @param done with false: refused, nothing was stored. */
export type Commit = (group: readonly Entry[], done: (stored: boolean) => void) => void;

/** One transaction over all shards that the group's messages belong to: all of it is stored or nothing. */
export function commitAcross(shards: readonly Shard[]): Commit {
  return (group, done) => {
    const parts = new Map<number, Entry[]>();
    for (const entry of group) parts.set(entry.shard, [...(parts.get(entry.shard) ?? []), entry]);
    let left = parts.size;
    let isStored = true;
    for (const [index, part] of parts) {
      shards[index]?.commit(part, (stored) => {
        isStored &&= stored;
        if (--left === 0) done(isStored);
      });
    }
  };
}

export interface Writer {
  add(entry: Entry): void;
  readonly waiting: number;
}

export interface WriterSettings {
  /** Groups of the writer under way. */
  readonly inFlight: number;
  readonly largestGroup: number;
}

/** Group commit: what comes while the allowed groups are under way makes the next one. */
export function createWriter(
  commit: Commit,
  { inFlight, largestGroup }: WriterSettings,
  settle: (group: readonly Entry[], stored: boolean) => void,
): Writer {
  let waiting: Entry[] = [];
  let under = 0;

  function next(): void {
    if (under >= inFlight || waiting.length === 0) return;
    const group = waiting.slice(0, largestGroup);
    waiting = waiting.slice(largestGroup);
    under++;
    commit(group, (stored) => {
      under--;
      settle(group, stored);
      next();
    });
  }

  return {
    add(entry) {
      waiting.push(entry);
      next();
    },
    get waiting() {
      return waiting.length;
    },
  };
}
