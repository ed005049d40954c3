/** Who does an act: the device's engine, if it runs, and the conversation that it is done in. */
import type { ConversationId, UserId } from '../../../protocol/index.ts';
import type { Device } from '../device/device.ts';
import type { RigEngine } from '../device/rig-engine.ts';
import type { Act } from '../schedule.ts';
import type { World } from '../world.ts';

export type Doers<N extends Act['do']> = {
  readonly [K in N]: (world: World, act: Extract<Act, { do: K }>) => Promise<void>;
};

export interface Actor {
  readonly device: Device;
  readonly engine: RigEngine;
}

/** @throws Error while the device is off. */
export function actorAt({ devices }: World, index: number): Actor {
  const device = devices[index];
  if (!device?.engine) throw notNow();
  return { device, engine: device.engine };
}

export function userOf({ people }: World, index: number): UserId {
  const person = people[index];
  if (!person) throw new Error(`There is no person ${index}.`);
  return person.auditor.user.id;
}

/** The direct conversation with somebody, or oneself, as this device knows it; opened when it does not. */
export async function conversationWith(world: World, engine: RigEngine, person: number): Promise<ConversationId> {
  const user = userOf(world, person);
  const all = await engine.invoke('conversations.list', {});
  const known = all.find(({ peer }) => peer?.id === user);
  return known?.id ?? (await engine.invoke('conversations.start', { user })).id;
}

/** The device is off, or there is nothing to do it to. */
export function notNow(): Error {
  return new Error('not now');
}

let number = 0;

/** A text that is there once in all runs of this process. */
export function newText(kind: string, { index }: Device): string {
  return `${kind}${number++} of device ${index}`;
}
