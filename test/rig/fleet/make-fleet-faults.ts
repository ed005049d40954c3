/** What goes wrong in a fleet: how often each of it, and how it is made up. */
import type { Random } from '../random.ts';
import type { FleetFault } from '../schedule.ts';

export type FleetFaultName = FleetFault['do'];

/** Most is about nodes, of which there are several; what lasts longest comes least. */
export const fleetWeights: Readonly<Record<FleetFaultName, number>> = {
  'kill-node': 3,
  'stop-node': 1,
  'roll-nodes': 0.3,
  'pause-node': 2,
  'skew-node': 1.5,
  'cut-node': 3,
  'kill-bus': 1,
  'pause-bus': 1,
  'split-bus': 1.5,
  'kill-store': 0.8,
  'pause-store': 0.8,
  'slow-store': 0.8,
  'promote-store': 0.3,
};

type Makers = { readonly [N in FleetFaultName]: () => Extract<FleetFault, { do: N }> };

/** How long a node or an engine hangs: longer than any heartbeat now and then. */
const hangs = { shortMs: 30, heartbeatMs: 2_000, longMs: 5_000 };
const hourMs = 3_600_000;
/** NATS servers of a fleet. */
const busServers = 2;

/** @param roundMs how long a round goes on. */
export function createFleetFaultMakers(random: Random, nodes: number, roundMs: number): Makers {
  const node = () => random.between(0, nodes - 1);
  const server = () => random.between(0, busServers - 1);
  const how = () => random.pick(['reset', 'resumes', 'dies'] as const);
  const downMs = () => random.between(0, Math.floor(roundMs / 2));
  const ms = () =>
    random.chance(0.15)
      ? random.between(hangs.heartbeatMs, hangs.longMs)
      : random.between(hangs.shortMs, Math.max(hangs.shortMs, roundMs));
  return {
    'kill-node': () => ({ do: 'kill-node', node: node(), downMs: downMs() }),
    'stop-node': () => ({ do: 'stop-node', node: node(), downMs: downMs() }),
    'roll-nodes': () => ({ do: 'roll-nodes' }),
    'pause-node': () => ({ do: 'pause-node', node: node(), ms: ms() }),
    'skew-node': () => ({ do: 'skew-node', node: node(), ms: random.between(-hourMs, hourMs) }),
    'cut-node': () => ({
      do: 'cut-node',
      node: node(),
      from: random.pick(['store', 'bus'] as const),
      how: how(),
      ms: ms(),
    }),
    'kill-bus': () => ({ do: 'kill-bus', server: server(), downMs: downMs() }),
    'pause-bus': () => ({ do: 'pause-bus', server: server(), ms: ms() }),
    'split-bus': () => ({ do: 'split-bus', how: random.pick(['reset', 'resumes'] as const), ms: ms() }),
    'kill-store': () => ({ do: 'kill-store', downMs: downMs() }),
    'pause-store': () => ({ do: 'pause-store', ms: ms() }),
    'slow-store': () => ({ do: 'slow-store', ms: ms(), bytesPerTick: random.between(50, 1_000) }),
    'promote-store': () => ({ do: 'promote-store' }),
  };
}
