/** What goes wrong: each fault of a schedule, done to real processes, connections and disks, and counted when it struck. */
import type { Device } from './device/device.ts';
import { pause, type Doers } from './fault-doers.ts';
import { fleetFaults } from './fleet/fleet-faults.ts';
import { copyRelay, putBackRelay } from './relay/put-back.ts';
import { RelayHost } from './relay/relay-host.ts';
import type { DeviceFault, Fault, RelayFault } from './schedule.ts';
import type { World } from './world.ts';

export async function doFault(world: World, fault: Fault): Promise<void> {
  await (doers[fault.do] as (world: World, fault: Fault) => Promise<void> | void)(world, fault);
}

const killed = 'kill -9 of an engine';

const relayFaults: Doers<RelayFault> = {
  'kill-relay'(world, { downMs }) {
    const relay = relayOf(world);
    return relay.turns.take(async () => {
      world.tally.add('kill -9 of the relay', Number(await relay.kill()));
      await pause(downMs);
      await relay.start();
    });
  },
  'stop-relay'(world, { downMs }) {
    const relay = relayOf(world);
    return relay.turns.take(async () => {
      const code = await relay.stop();
      if (code !== null && code !== 0) world.seen.push(`the relay ended with ${code} when it was stopped`);
      world.tally.add('stop of the relay', Number(code !== null));
      await pause(downMs);
      await relay.start();
    });
  },
  'copy-relay': (world) => copyRelay(world, relayOf(world)),
  'put-back-relay': (world, { downMs }) => putBackRelay(world, relayOf(world), downMs),
  async 'fill-relay'({ relay, tally }, { ms }) {
    relay.disk?.fill();
    tally.add('disk of the relay filled');
    await pause(ms);
    relay.disk?.free();
  },
  'power-cut-relay'(world, { downMs, keep }) {
    const relay = relayOf(world);
    return relay.turns.take(async () => {
      const struck = await relay.kill();
      const dropped = relay.power?.cut(keep) ?? 0;
      world.tally.add('power cut of the relay', Number(struck));
      world.tally.add('power cut of the relay: unsynced writes dropped', dropped);
      await pause(downMs);
      await relay.start();
    });
  },
};

const deviceFaults: Doers<DeviceFault> = {
  'kill-engine': (world, fault) =>
    ending(world, fault, async (device) => {
      world.tally.add(killed, Number(await device.kill()));
      if (fault.againAfterMs === null) return;
      const struckEarly = await device.startAndKill(fault.againAfterMs);
      world.tally.add(struckEarly === 'opening' ? `${killed} while it opened` : killed);
    }),
  'power-cut-engine': (world, fault) =>
    ending(world, fault, async (device) => {
      world.tally.add('power cut of an engine', Number(await device.kill()));
      world.tally.add('power cut of an engine: unsynced writes dropped', device.power?.cut(fault.keep) ?? 0);
    }),
  async 'fill-engine'(world, { device: index, ms }) {
    const { disk } = deviceOf(world, index);
    disk?.fill();
    world.tally.add('disk of an engine filled');
    await pause(ms);
    disk?.free();
  },
  cut: (world, { device }) => void deviceOf(world, device).proxy.cut(),
  'cut-all': ({ devices }) => {
    for (const { proxy } of devices) proxy.cut('cut-all');
  },
  slow: (world, { device, ms, bytesPerTick }) => void deviceOf(world, device).proxy.slow(ms, bytesPerTick),
  hole: (world, { device, ms, ends }) => void deviceOf(world, device).proxy.hole(ms, ends),
  late: (world, { device, ms }) => deviceOf(world, device).proxy.late(ms),
  'lose-answer': (world, { device }) => deviceOf(world, device).proxy.loseAnswer(),
  refuse: (world, { device, ms }) => deviceOf(world, device).proxy.refuse(ms),
  jump: (world, { device, ms }) => {
    world.tally.add('jump of a device’s clock', Number(deviceOf(world, device).jump(ms)));
  },
  backup(world, { device: index }) {
    const device = deviceOf(world, index);
    return device.inTurn(async () => {
      await device.stop();
      await device.keepBackup();
      await device.start();
    });
  },
  restore(world, { device: index }) {
    const device = deviceOf(world, index);
    return device.inTurn(async () => {
      if (device.spec.home === 'process') await device.kill();
      else await device.stop();
      // Nobody can put back a backup where there is no room for it.
      device.disk?.free();
      const restored = await device.putBack();
      world.tally.add('old backup of a device put back', Number(restored));
      await device.start();
    });
  },
};

const doers: Doers<Fault> = { ...relayFaults, ...fleetFaults, ...deviceFaults };

function relayOf({ relay }: World): RelayHost {
  if (!(relay instanceof RelayHost)) throw new Error('This run has a fleet and no single relay.');
  return relay;
}

function ending(
  world: World,
  { device: index, downMs }: { device: number; downMs: number },
  end: (device: Device) => Promise<void>,
): Promise<void> {
  const device = deviceOf(world, index);
  return device.inTurn(async () => {
    await end(device);
    await pause(downMs);
    await device.start();
  });
}

function deviceOf({ devices }: World, index: number): Device {
  const device = devices[index];
  if (!device) throw new Error(`There is no device ${index}.`);
  return device;
}
