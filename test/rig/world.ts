/** Everything of one run: the relay, the people, their devices, and what was seen of it all. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { registerAt } from '../support/plain-client.ts';
import { logInAuditor, type AuditorAccount } from './check/audit.ts';
import { Device } from './device/device.ts';
import { DeviceProxy } from './net/device-proxy.ts';
import { createWireWitness, type WireWitness } from './net/wire-witness.ts';
import { RelayHost } from './relay/relay-host.ts';
import type { Schedule } from './schedule.ts';
import { makeSmallDisk } from './small-disk.ts';
import type { Tally } from './tally.ts';

/** What `registerAt` registers with. */
const password = 'correct horse battery';

/** A relay does not start with less than 64 MiB free. */
const relayMebibytes = 96;
const deviceMebibytes = 24;

export interface Person {
  readonly username: string;
  readonly auditor: AuditorAccount;
}

export interface World {
  readonly folder: string;
  readonly schedule: Schedule;
  readonly relay: RelayHost;
  readonly people: readonly Person[];
  readonly devices: readonly Device[];
  readonly witness: WireWitness;
  readonly tally: Tally;
  /** Violations that were seen while it happened, and cannot be seen afterwards. */
  readonly seen: string[];
}

/** @param folder of this run alone; kept by the caller when the run fails. */
export async function openWorld(schedule: Schedule, folder: string, tally: Tally): Promise<World> {
  await mkdir(join(folder, 'scratch'), { recursive: true });
  const relay = new RelayHost({
    folder,
    disk: schedule.relay.smallDisk ? makeSmallDisk(join(folder, 'relay-disk'), relayMebibytes) : null,
    recorded: schedule.relay.recorded,
  });
  await relay.start();
  const people: Person[] = [];
  for (let index = 0; index < schedule.people; index++) {
    const username = `person${index}`;
    await registerAt(relay.address, username);
    people.push({ username, auditor: await logInAuditor(relay.address, username, password) });
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
        proxy: await DeviceProxy.open({ relayPort: relay.port, witness, tally }),
        disk: spec.smallDisk ? makeSmallDisk(join(home, 'disk'), deviceMebibytes) : null,
      });
    }),
  );
  for (const device of devices) {
    await device.start();
    if (device.spec.early) await device.login();
  }
  return { folder, schedule, relay, people, devices, witness, tally, seen: [] };
}

export async function closeWorld({ relay, devices }: World): Promise<void> {
  for (const device of devices) {
    await device.inTurn(() => device.stop());
    await device.proxy.close();
  }
  await relay.inTurn(() => relay.stop());
}

/** Gives back the disks, and the folder unless it is to be looked at. */
export async function clearAway({ relay, devices, folder }: World, keep: boolean): Promise<void> {
  for (const { disk } of [relay, ...devices]) disk?.remove(keep);
  if (!keep) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
