/** P7: once all faults are over, every device that watches a person knows whether they are there. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PresenceView } from '../../../bridge/views.ts';
import type { UserId } from '../../../protocol/index.ts';
import type { Device } from '../device/device.ts';
import type { World } from '../world.ts';

const lookEveryMs = 50;

/** Every device that is logged in watches everybody whom it has a conversation with. */
export async function watchEverybody(world: World): Promise<void> {
  await Promise.all(world.devices.map((device) => watchFrom(world, device)));
}

/** @returns what devices still believe, and is not so, when the time is up. */
export async function presenceIsTrue(world: World, withinMs: number): Promise<string[]> {
  for (const until = performance.now() + withinMs; ; await sleep(lookEveryMs)) {
    const wrong = await whatIsWrong(world);
    if (wrong.length === 0 || performance.now() >= until) return wrong;
  }
}

async function whatIsWrong(world: World): Promise<string[]> {
  const there = new Set<UserId>();
  for (const device of world.devices) if (await isOnline(device)) there.add(userOf(world, device));
  const wrong: string[] = [];
  for (const device of world.devices) {
    for (const { user, state } of await watchFrom(world, device)) {
      const truth = there.has(user) ? 'online' : 'offline';
      if (state !== truth)
        wrong.push(`P7: device ${device.index} believes that ${user} is ${state}; they are ${truth}`);
    }
  }
  return wrong;
}

/** Asked for the people it watches already, an engine says what it knows and asks nobody. */
async function watchFrom(world: World, device: Device): Promise<PresenceView[]> {
  if (!(await isOnline(device))) return [];
  const conversations = (await device.engine?.invoke('conversations.list', {})) ?? [];
  const self = userOf(world, device);
  const users = conversations.flatMap(({ peer }) => (peer && peer.id !== self ? [peer.id] : []));
  return (await device.engine?.invoke('presence.watch', { users })) ?? [];
}

async function isOnline({ engine }: Device): Promise<boolean> {
  if ((await engine?.invoke('session.get'))?.state !== 'signed-in') return false;
  return (await engine?.invoke('connection.get'))?.state === 'online';
}

function userOf({ people }: World, { spec }: Device): UserId {
  const person = people[spec.person];
  if (!person) throw new Error(`There is no person ${spec.person}.`);
  return person.auditor.user.id;
}
