/** How a fault is done: one function a kind, all in a complete table. */
import type { Fault } from './schedule.ts';
import type { World } from './world.ts';

export type Doers<F extends Fault> = {
  readonly [N in F['do']]: (world: World, fault: Extract<F, { do: N }>) => Promise<void> | void;
};

/** How long a fault lasts is part of the schedule. */
export function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
