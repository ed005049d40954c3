/** Whether several relay nodes cost what one does: CPU a message on 1, 2 and 4 of them, in two regimes. */
import { join } from 'node:path';
import type { Order } from '../load/generator.ts';
import { measure, withFleet } from './fleet.ts';
import { mean, withTempDir, type Figure, type Scenario } from './scenario.ts';

/**
 * Two regimes, each the same whatever the number of nodes. Quiet: so little for each node that even four leave the core that
 * they share mostly idle, so nearly every message is a group of its own. Full: as many messages under way as make large
 * groups on every node, all the time. Full comes first: by then each node's code is compiled, which at the quiet rate alone
 * takes a minute and costs as much again as the messages.
 */
const regimes = {
  quiet: { people: 100, perSecond: 100 },
  full: { people: 100, inFlight: 16 },
} as const;
const nodeCounts = [1, 2, 4] as const;
/** Each count has its turn so often, up and down, so that a machine that changes its speed does so for all of them. */
const nodeRounds = 2;

function nodesOrder(regime: keyof typeof regimes, nodes: number): Order {
  const people = regimes[regime].people * nodes;
  if (regime === 'full') return { kind: 'closed', people, inFlight: regimes.full.inFlight, measureMs: 10_000 };
  const perSecond = regimes.quiet.perSecond * nodes;
  return { kind: 'steady', people, perSecond, measureMs: 20_000, warmUpMs: 5_000 };
}

/** Microseconds of relay CPU a message, by number of nodes. */
type MicrosByNodes = Map<number, number[]>;

async function measureNodes(dir: string): Promise<Record<keyof typeof regimes, MicrosByNodes>> {
  const found = { quiet: new Map<number, number[]>(), full: new Map<number, number[]>() };
  for (let round = 0; round < nodeRounds; round += 1) {
    for (const nodes of round % 2 === 0 ? nodeCounts : nodeCounts.toReversed()) {
      const people = nodes * Math.max(regimes.quiet.people, regimes.full.people);
      await withFleet(join(dir, `round-${round}`), { nodes, people }, async (fleet, peopleFile) => {
        for (const regime of ['full', 'quiet'] as const) {
          const { cpu, delivered } = await measure(fleet, nodesOrder(regime, nodes), peopleFile);
          found[regime].set(nodes, [...(found[regime].get(nodes) ?? []), (cpu / delivered) * 1e6]);
        }
      });
    }
  }
  return found;
}

function nodesFigure(what: string, found: MicrosByNodes): Figure {
  const means = nodeCounts.map((nodes) => mean(found.get(nodes) ?? []));
  const spread = Math.max(...means) / Math.min(...means) - 1;
  const each = nodeCounts.map((nodes, index) => {
    const all = (found.get(nodes) ?? []).map((micros) => micros.toFixed(0));
    return `${means[index]?.toFixed(0)} µs (${all.join(', ')})`;
  });
  return {
    what,
    parley: `${each.join(', ')}: ${(spread * 100).toFixed(0)} % apart`,
    baseline: null,
    bound: 'within 10 %',
    met: spread <= 0.1,
  };
}

export const fleetNodesScenario: Scenario = {
  describe: `1, 2 and 4 nodes, each with ${regimes.full.people * regimes.full.inFlight} messages under way, then with ${regimes.quiet.perSecond} a second`,
  run: () =>
    withTempDir(async (dir): Promise<Figure[]> => {
      const { quiet, full } = await measureNodes(dir);
      return [
        nodesFigure(`relay CPU a message on 1, 2 and 4 nodes, ${regimes.quiet.perSecond}/s on each`, quiet),
        nodesFigure('the same with as much under way as they take', full),
      ];
    }),
};
