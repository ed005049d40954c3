/** How large runs are: one by hand, many small ones for CI, and those of the long form; each also against a fleet. */
import type { ScheduleOptions } from './make-schedule.ts';

export interface Sizes {
  readonly schedule: Omit<ScheduleOptions, 'seed' | 'can'>;
  /** How many are played, of the forms that count schedules. */
  readonly schedules: number;
  readonly lanes: number;
}

const one: Sizes = {
  schedule: { engines: 4, rounds: 5, acts: 40, faults: 20, roundMs: 2_000, nodes: null },
  schedules: 5,
  lanes: 1,
};

/** Starting processes costs most, so there are fewer kills than in the long form, and many rounds to a relay. */
export const short: Sizes = {
  schedule: {
    engines: 3,
    rounds: 20,
    acts: 10,
    faults: 5,
    roundMs: 300,
    nodes: null,
    weights: {
      'kill-relay': 0.3,
      'stop-relay': 0.15,
      'power-cut-relay': 0.25,
      'kill-engine': 0.4,
      'power-cut-engine': 0.4,
    },
  },
  schedules: 200,
  lanes: 5,
};

const long: Sizes = {
  schedule: {
    engines: 12,
    rounds: 12,
    acts: 50,
    faults: 60,
    roundMs: 3_000,
    nodes: null,
    weights: {
      cut: 30,
      'cut-all': 8,
      'kill-relay': 0.8,
      'stop-relay': 0.3,
      'power-cut-relay': 0.6,
      'kill-engine': 1.8,
      'power-cut-engine': 0.7,
    },
  },
  schedules: Number.POSITIVE_INFINITY,
  lanes: 3,
};

const fleetOne: Sizes = {
  schedule: { engines: 4, rounds: 5, acts: 40, faults: 15, roundMs: 3_000, nodes: 3 },
  schedules: 5,
  lanes: 1,
};

/** Starting a fleet costs most, and then waiting: two of them side by side, with many short rounds. */
const fleetShort: Sizes = {
  schedule: {
    engines: 3,
    rounds: 12,
    acts: 12,
    faults: 6,
    roundMs: 600,
    nodes: 3,
    weights: { 'kill-engine': 0.4, 'power-cut-engine': 0.4, cut: 4, 'promote-store': 0.15, 'roll-nodes': 0.1 },
  },
  schedules: 24,
  lanes: 2,
};

const fleetLong: Sizes = {
  schedule: {
    engines: 8,
    rounds: 10,
    acts: 50,
    faults: 40,
    roundMs: 5_000,
    nodes: 3,
    weights: { cut: 16, 'cut-all': 4, 'kill-node': 5 },
  },
  schedules: Number.POSITIVE_INFINITY,
  lanes: 1,
};

/** As often as that a relay is put back. */
export const putBackWeights = { 'copy-relay': 1.5, 'put-back-relay': 1.5 } as const;

/** By what the command line says. */
export function sizesOf(wanted: { readonly fleet: boolean; readonly short: boolean; readonly long: boolean }): Sizes {
  const [usual, few, many] = wanted.fleet ? [fleetOne, fleetShort, fleetLong] : [one, short, long];
  return wanted.long ? many : wanted.short ? few : usual;
}
