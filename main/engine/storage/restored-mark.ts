/** Notes that a history came out of a backup, until it has caught up with the relay. */
import { z } from 'zod';
import type { StateTable } from './state-table.ts';

const name = 'restored';

export function markRestored(state: StateTable, now: number): void {
  state.set(name, now);
}

/**
 * While this is so, what waits to be sent may have been sent already by the device of the backup. The sync tells; until it
 * is over nothing is sent, and each log-in counts as a rebuilt state.
 */
export function isRestored(state: StateTable): boolean {
  return state.get(name, z.number()) !== null;
}

export function clearRestored(state: StateTable): void {
  state.remove(name);
}
