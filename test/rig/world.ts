/** Everything of one run: the relay, the people, their devices, and what was seen of it all. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { registerAt } from '../support/plain-client.ts';
import { logInAuditor, type AuditorAccount } from './check/audit.ts';
import { Device } from './device/device.ts';
import { RelayFleet } from './fleet/relay-fleet.ts';
import { FaultyLink } from './net/faulty-link.ts';
import { createWireWitness, type WireWitness } from './net/wire-witness.ts';
import { RelayHost } from './relay/relay-host.ts';
import type { RelayUnderTest } from './relay/relay-under-test.ts';
import type { Schedule } from './schedule.ts';
import { makeSmallDisk } from './small-disk.ts';
import type { Tally } from './tally.ts';

/** What `registerAt` registers with. */
const password = 'correct horse battery';

/** A relay does not start with less than 64 MiB free. */
const relayMebibytes = 96;
const deviceMebibytes = 24;

const patienceMs = 60_000;
const againMs = 200;

export interface Person {
  readonly username: string;
  readonly auditor: AuditorAccount;
}

export interface World {
  readonly folder: string;
  readonly schedule: Schedule;
  readonly relay: RelayUnderTest;
  readonly people: readonly Person[];
  readonly devices: readonly Device[];
  readonly witness: WireWitness;
  readonly tally: Tally;
  /** Violations that were seen while it happened, and cannot be seen afterwards. */
  readonly seen: string[];
  /** Whether the relay was put back to an old copy of its data: how often, and since the last peace. */
  readonly past: { putBacks: number; inThisRound: boolean };
}

/** @param folder of this run alone; kept by the caller when the run fails. */
export async function openWorld(schedule: Schedule, folder: string, tally: Tally): Promise<World> {
  await mkdir(join(folder, 'scratch'), { recursive: true });
  const relay = await openRelay(schedule, folder);
  await relay.start();
  const people: Person[] = [];
  for (let index = 0; index < schedule.people; index++) {
    const username = `person${index}`;
    people.push({ username, auditor: await patiently(() => joinAs(username, relay.address)) });
  }
  const witness = createWireWitness();
  const devices = await Promise.all(
    schedule.devices.map(async (spec, index) => {
      const home = join(folder, `device-${index}`);
      await mkdir(home, { recursive: true });
      return new Device({
        index,
        spec,
        username: people[spec.person]?.username ?? '',
        password,
        folder: home,
        proxy: await FaultyLink.open({ ports: () => relay.ports(), witness, tally }),
        disk: spec.smallDisk ? makeSmallDisk(join(home, 'disk'), deviceMebibytes) : null,
      });
    }),
  );
  for (const device of devices) {
    await device.start();
    if (device.spec.early) await patiently(() => device.login());
  }
  return {
    folder,
    schedule,
    relay,
    people,
    devices,
    witness,
    tally,
    seen: [],
    past: { putBacks: 0, inThisRound: false },
  };
}

/** Who was registered before, though the answer came too late, is refused and can log in all the same. */
async function joinAs(username: string, address: string): Promise<AuditorAccount> {
  const refused = await registerAt(address, username).then(
    () => null,
    (error: unknown) => error,
  );
  return logInAuditor(address, username, password).catch((error: unknown) => {
    throw refused ?? error;
  });
}

/** A machine that is busy with other runs may take too long to answer. */
async function patiently<T>(act: () => Promise<T>): Promise<T> {
  for (const until = performance.now() + patienceMs; ; await sleep(againMs)) {
    try {
      return await act();
    } catch (error) {
      if (performance.now() > until) throw error;
    }
  }
}

async function openRelay({ seed, relay: spec, rounds }: Schedule, folder: string): Promise<RelayUnderTest> {
  if (spec.form === 'fleet') {
    const replicated = rounds.some(({ steps }) => steps.some((step) => step.do === 'promote-store'));
    return RelayFleet.open({ folder, seed, nodes: spec.nodes, replicated });
  }
  return new RelayHost({
    folder,
    disk: spec.smallDisk ? makeSmallDisk(join(folder, 'relay-disk'), relayMebibytes) : null,
    recorded: spec.recorded,
  });
}

/** @returns what was wrong about how it ended. */
export async function closeWorld({ relay, devices }: World): Promise<string[]> {
  for (const device of devices) {
    await device.inTurn(() => device.stop());
    await device.proxy.close();
  }
  return relay.end();
}

/** Gives back the disks, and the folder unless it is to be looked at. */
export async function clearAway({ relay, devices, folder }: World, keep: boolean): Promise<void> {
  await relay.clearAway(keep);
  for (const { disk } of devices) disk?.remove(keep);
  if (!keep) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
