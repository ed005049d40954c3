/** Relay time on this device, whose own clock may be wrong by days or jump while the app runs. */
import { z } from 'zod';
import type { Clock } from '../runtime/clock.ts';
import type { StateTable } from '../storage/state-table.ts';

export interface RelayTime {
  now(): number;
  /** The relay said what time it is. */
  learn(time: number): void;
}

/** Before the first welcome the difference of the last run serves. */
export function createRelayTime(clock: Clock, state: StateTable): RelayTime {
  let offset = (state.get('relay-time-offset', z.number()) ?? 0) + clock.now() - clock.monotonic();
  return {
    now: () => Math.max(0, Math.round(clock.monotonic() + offset)),
    learn(time) {
      offset = time - clock.monotonic();
      state.set('relay-time-offset', time - clock.now());
    },
  };
}
