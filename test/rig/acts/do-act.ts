/** What people do: each act of a schedule, carried out by a real engine, and what it promised written down. */
import { ParleyError } from '../../../protocol/index.ts';
import type { Act } from '../schedule.ts';
import type { World } from '../world.ts';
import type { Doers } from './actor.ts';
import { changeActs } from './change-acts.ts';
import { deviceActs } from './device-acts.ts';
import { messageActs } from './message-acts.ts';

const doers: Doers<Act['do']> = { ...messageActs, ...changeActs, ...deviceActs };

export const isAct = (step: { readonly do: string }): step is Act => step.do in doers;

/** Never rejects: what an engine refuses, or cannot do just now, is part of the run. */
export async function doAct(world: World, act: Act): Promise<void> {
  const endings = world.devices[act.device]?.endings;
  try {
    await (doers[act.do] as (world: World, act: Act) => Promise<void>)(world, act);
    world.tally.add(`act done: ${act.do}`);
  } catch (error) {
    const reason = error instanceof ParleyError ? error.code : String(error);
    world.tally.add(`act refused: ${act.do}: ${reason}`);
    const wasEnded = endings !== world.devices[act.device]?.endings;
    if (reason === 'internal' && !wasEnded) world.seen.push(`${act.do} at device ${act.device} failed with "internal"`);
  }
}
