/** How large runs are: one by hand, many small ones for CI, and those of the long form. */
import type { ScheduleOptions } from './make-schedule.ts';

export interface Sizes {
  readonly schedule: Omit<ScheduleOptions, 'seed' | 'can'>;
  /** How many are played, of the forms that count schedules. */
  readonly schedules: number;
  readonly lanes: number;
}

export const one: Sizes = {
  schedule: { engines: 4, rounds: 5, acts: 40, faults: 20, roundMs: 2_000 },
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

export const long: Sizes = {
  schedule: {
    engines: 12,
    rounds: 12,
    acts: 50,
    faults: 60,
    roundMs: 3_000,
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
