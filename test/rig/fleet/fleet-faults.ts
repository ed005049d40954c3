/** What goes wrong in a fleet, done to real processes and connections, and counted when it struck. */
import type { FaultyLink } from '../net/faulty-link.ts';
import { pause, type Doers } from '../fault-doers.ts';
import type { FleetFault } from '../schedule.ts';
import type { World } from '../world.ts';
import { RelayFleet } from './relay-fleet.ts';
import type { RelayNode } from './relay-node.ts';

export const fleetFaults: Doers<FleetFault> = {
  'kill-node'(world, { node: index, downMs }) {
    const node = fleetOf(world).node(index);
    return node.turns.take(async () => {
      world.tally.add('kill -9 of a node', Number(await node.kill()));
      await pause(downMs);
      await node.start();
    });
  },
  'stop-node': (world, { node, downMs }) => restart(world, fleetOf(world).node(node), downMs),
  async 'roll-nodes'(world) {
    for (const node of fleetOf(world).nodes) await restart(world, node, 0);
    world.tally.add('rolling restart of all nodes');
  },
  'pause-node'(world, { node: index, ms }) {
    const node = fleetOf(world).node(index);
    return node.turns.take(async () => {
      world.tally.add('pause of a node', Number(node.pause()));
      await pause(ms);
      node.resume();
    });
  },
  'skew-node'(world, { node: index, ms }) {
    const node = fleetOf(world).node(index);
    node.clock?.set(ms);
    world.tally.add('jump of a node’s clock', Number(node.isAlive()));
  },
  'cut-node'(world, { node: index, from, how, ms }) {
    const node = fleetOf(world).node(index);
    const links = from === 'store' ? [node.toStore] : node.toBus;
    const struck = links.reduce((sum, link) => sum + breakLink(link, how, ms), 0);
    world.tally.add(`cut of a node from the ${from} (${how}): connections`, struck);
  },
  'kill-bus'(world, { server, downMs }) {
    const { bus } = fleetOf(world);
    return bus.turns.take(async () => {
      await bus.at(server).kill9();
      world.tally.add('kill -9 of a NATS server');
      await pause(downMs);
      await bus.at(server).restart();
    });
  },
  'pause-bus'(world, { server, ms }) {
    const { bus } = fleetOf(world);
    return bus.turns.take(async () => {
      await bus.at(server).pause();
      world.tally.add('pause of a NATS server');
      await pause(ms);
      bus.at(server).resume();
    });
  },
  'split-bus'(world, { how, ms }) {
    const struck = breakLink(fleetOf(world).bus.route, how, ms);
    world.tally.add(`cut between the NATS servers (${how}): connections`, struck);
  },
  'kill-store'(world, { downMs }) {
    const { store } = fleetOf(world);
    return store.turns.take(async () => {
      await store.kill();
      world.tally.add('kill -9 of PostgreSQL');
      await pause(downMs);
      await store.restart();
    });
  },
  'pause-store'(world, { ms }) {
    const { store } = fleetOf(world);
    return store.turns.take(async () => {
      store.pause();
      world.tally.add('pause of PostgreSQL');
      await pause(ms);
      store.resume();
    });
  },
  'slow-store'(world, { ms, bytesPerTick }) {
    const links = fleetOf(world).nodes.map(({ toStore }) => toStore);
    const struck = links.reduce((sum, link) => sum + link.slow(ms, bytesPerTick), 0);
    world.tally.add('PostgreSQL slow: connections', struck);
  },
  'promote-store'(world) {
    const { store } = fleetOf(world);
    return store.turns.take(async () => {
      const struck = await store.promote();
      world.tally.add('kill -9 of PostgreSQL for good, its replica promoted', Number(struck));
    });
  },
};

function fleetOf({ relay }: World): RelayFleet {
  if (!(relay instanceof RelayFleet)) throw new Error('This run has one relay and no fleet.');
  return relay;
}

function restart(world: World, node: RelayNode, downMs: number): Promise<void> {
  return node.turns.take(async () => {
    const code = await node.stop();
    if (code !== null && code !== 0) world.seen.push(`node ${node.index} ended with ${code} when it was stopped`);
    world.tally.add('stop of a node', Number(code !== null));
    await pause(downMs);
    await node.start();
  });
}

/** @returns how many connections it struck. */
function breakLink(link: FaultyLink, how: 'reset' | 'resumes' | 'dies', ms: number): number {
  if (how !== 'reset') return link.hole(ms, how);
  link.refuse(ms);
  return link.cut();
}
