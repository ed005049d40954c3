/** What is played: a day, or something that goes wrong in the busiest minutes of it. */

/** A relay refuses newcomers at the door. */
export interface Admission {
  /** Seconds of work that wait before it does. */
  readonly aboveSeconds: number;
  /** It asks them to come again after a time drawn from 1 s up to this. */
  readonly askUpToSeconds: number;
}

/**
 * How a relay brings messages to the database. `dividing`, as it does: one group at a time, whatever shards its messages
 * belong to, and lanes while groups fail or take long. `one`: one group at a time whatever happens. `shard`: always a group
 * at a time for each shard.
 */
export type Lanes = 'dividing' | 'one' | 'shard';

export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** Simulated seconds, after the warm-up. */
  readonly seconds: number;
  /** One row of the table and one point of the chart. */
  readonly stretchSeconds: number;
  /**
   * Seconds of the day that pass in a simulated second; 0: it stays the busiest moment. A queue settles within
   * milliseconds to seconds, so a day that passes 180 × as fast shows the same queues at each hour.
   */
  readonly pace: number;
  readonly faults: readonly Fault[];
  /** Null: relays take all newcomers. */
  readonly admission: Admission | null;
  readonly lanes: Lanes;
}

/** `at`: seconds after the warm-up. */
export type Fault =
  /** All of a region goes silent: its devices notice one by one, its shards move elsewhere. */
  | { readonly kind: 'region'; readonly at: number; readonly region: number; readonly failoverSeconds: number }
  /** Every connection closes at the same moment: a balancer's restart. */
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'shard'; readonly at: number; readonly shard: number; readonly seconds: number }
  /** One group in which so many messages a second are sent. */
  | {
      readonly kind: 'group';
      readonly at: number;
      readonly seconds: number;
      readonly members: number;
      readonly perSecond: number;
    };

const usual = { seconds: 180, stretchSeconds: 5, pace: 0, admission: null, lanes: 'dividing' } as const;

/** Relays of today take all newcomers; the twin of the cut shows what a limit would do. */
export const scenarios: readonly Scenario[] = [
  { ...usual, name: 'day', title: 'A day', seconds: 480, stretchSeconds: 10, pace: 180, faults: [] },
  {
    ...usual,
    name: 'region-lost',
    title: 'A region lost at the peak',
    faults: [{ kind: 'region', at: 30, region: 0, failoverSeconds: 15 }],
  },
  { ...usual, name: 'reconnect-storm', title: 'All connections cut at the peak', faults: [{ kind: 'cut', at: 30 }] },
  {
    ...usual,
    name: 'reconnect-storm-admission',
    title: 'The same, with relays that refuse newcomers above 1 s of work, and spread them over 40 s',
    faults: [{ kind: 'cut', at: 30 }],
    admission: { aboveSeconds: 1, askUpToSeconds: 40 },
  },
  {
    ...usual,
    name: 'group-storm',
    title: 'A group of 1,000 in which 60 messages a second are sent for a minute',
    faults: [{ kind: 'group', at: 30, seconds: 60, members: 1_000, perSecond: 60 }],
  },
  {
    ...usual,
    name: 'group-storm-lanes',
    title: 'The same, always with a group for each shard',
    faults: [{ kind: 'group', at: 30, seconds: 60, members: 1_000, perSecond: 60 }],
    lanes: 'shard',
  },
  {
    ...usual,
    name: 'shard-failover',
    title: 'One of twelve database shards away for 30 s',
    faults: [{ kind: 'shard', at: 30, shard: 0, seconds: 30 }],
  },
  {
    ...usual,
    name: 'shard-failover-one',
    title: 'The same, with one group at a time whatever happens',
    faults: [{ kind: 'shard', at: 30, shard: 0, seconds: 30 }],
    lanes: 'one',
  },
];
