/** What goes wrong: each fault of a schedule, done to real processes, connections and disks, and counted when it struck. */
import type { Device } from './device/device.ts';
import type { Fault } from './schedule.ts';
import type { World } from './world.ts';

type Doers = { readonly [N in Fault['do']]: (world: World, fault: Extract<Fault, { do: N }>) => Promise<void> | void };

export async function doFault(world: World, fault: Fault): Promise<void> {
  await (doers[fault.do] as (world: World, fault: Fault) => Promise<void> | void)(world, fault);
}

const killed = 'kill -9 of an engine';

const doers: Doers = {
  'kill-relay': ({ relay, tally }, { downMs }) =>
    relay.inTurn(async () => {
      tally.add('kill -9 of the relay', Number(await relay.kill()));
      await pause(downMs);
      await relay.start();
    }),
  'stop-relay': (world, { downMs }) =>
    world.relay.inTurn(async () => {
      const code = await world.relay.stop();
      if (code !== null && code !== 0) world.seen.push(`the relay ended with ${code} when it was stopped`);
      world.tally.add('stop of the relay', Number(code !== null));
      await pause(downMs);
      await world.relay.start();
    }),
  async 'fill-relay'({ relay, tally }, { ms }) {
    relay.disk?.fill();
    tally.add('disk of the relay filled');
    await pause(ms);
    relay.disk?.free();
  },
  'power-cut-relay': ({ relay, tally }, { downMs, keep }) =>
    relay.inTurn(async () => {
      const struck = await relay.kill();
      const dropped = relay.power?.cut(keep) ?? 0;
      tally.add('power cut of the relay', Number(struck));
      tally.add('power cut of the relay: unsynced writes dropped', dropped);
      await pause(downMs);
      await relay.start();
    }),
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
  cut: (world, { device }) => deviceOf(world, device).proxy.cut(),
  'cut-all': ({ devices }) => {
    for (const { proxy } of devices) proxy.cut('cut-all');
  },
  slow: (world, { device, ms, bytesPerTick }) => deviceOf(world, device).proxy.slow(ms, bytesPerTick),
  hole: (world, { device, ms, ends }) => deviceOf(world, device).proxy.hole(ms, ends),
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

/** How long a fault lasts is part of the schedule. */
function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
