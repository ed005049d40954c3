/** Throughput per core and latency under steady traffic, Parley beside the bare relay. */
import { join } from 'node:path';
import type { Order } from '../load/generator.ts';
import { savePeople } from '../load/people.ts';
import { startGenerator } from '../load/run-generator.ts';
import type { TrafficResult } from '../load/traffic.ts';
import { seedPeople, withStore } from '../relays/seed.ts';
import { startBare, startParley, type RunningRelay } from '../relays/start.ts';
import { ms, perSecond, ratio, withTempDir, type Figure, type Scenario } from './scenario.ts';

export interface Measured extends TrafficResult {
  /** CPU seconds that the relay used while it was measured. */
  readonly cpu: number;
}

export const perCore = ({ delivered, cpu }: Measured): number => delivered / cpu;
export const perWallSecond = ({ delivered, seconds }: Measured): number => delivered / seconds;

export async function measure(relay: RunningRelay, order: Order, peopleFile: string): Promise<Measured> {
  try {
    const generator = startGenerator({ ...order, address: relay.address, peopleFile });
    await generator.next('begin');
    const before = relay.process.cpuSeconds();
    await generator.next('end');
    const cpu = relay.process.cpuSeconds() - before;
    return { ...(await generator.next('traffic')).result, cpu };
  } finally {
    await relay.process.stop();
  }
}

/** Runs the same order against both relays, one after the other, in one run. */
async function compare(people: number, order: Order): Promise<{ parley: Measured; bare: Measured }> {
  return withTempDir(async (dir) => {
    const peopleFile = join(dir, 'people.json');
    const dataDir = join(dir, 'relay');
    await withStore(dataDir, async (store) => savePeople(peopleFile, await seedPeople(store, people)));
    const bare = await measure(await startBare(peopleFile), order, peopleFile);
    const parley = await measure(await startParley(dataDir), order, peopleFile);
    return { parley, bare };
  });
}

function throughput(people: number, inFlight: number, least: number, goal: number): Scenario {
  return {
    describe: `${people} people in pairs, ${inFlight} messages in flight each, 10 s`,
    async run(): Promise<Figure[]> {
      const { parley, bare } = await compare(people, { kind: 'closed', people, inFlight, measureMs: 10_000 });
      const factor = perCore(parley) / perCore(bare);
      const bound = `≥ ${least} × bare (goal ${goal})`;
      return [
        {
          what: `durable messages per core-second, ${people} × ${inFlight}`,
          parley: `${perSecond(perCore(parley))} (${ratio(factor)})`,
          baseline: perSecond(perCore(bare)),
          bound,
          met: factor >= least,
        },
        {
          what: `messages per second of the clock, ${people} × ${inFlight}`,
          parley: `${perSecond(perWallSecond(parley))}, p99 ${ms(parley.latency.p99)}`,
          baseline: `${perSecond(perWallSecond(bare))}, p99 ${ms(bare.latency.p99)}`,
          bound: 'reported',
          met: true,
        },
      ];
    },
  };
}

export const throughputManyScenario = throughput(200, 8, 1, 1.4);
export const throughputSingleScenario = throughput(4_000, 1, 0.7, 0.9);

export const latencyScenario: Scenario = {
  describe: '200 people, 1,000 messages a second in all, 15 s',
  async run(): Promise<Figure[]> {
    const order = { kind: 'steady', people: 200, perSecond: 1_000, measureMs: 15_000 } as const;
    const { parley, bare } = await compare(200, order);
    const added = parley.latency.p50 - bare.latency.p50;
    return [
      {
        what: 'end to end p50 at 1,000/s',
        parley: `${ms(parley.latency.p50)} (+${ms(added)})`,
        baseline: ms(bare.latency.p50),
        bound: 'at most 0.4 ms above bare',
        met: added <= 0.4,
      },
      {
        what: 'end to end p99 at 1,000/s',
        parley: ms(parley.latency.p99),
        baseline: ms(bare.latency.p99),
        bound: '≤ 5 ms (goal 2)',
        met: parley.latency.p99 <= 5,
      },
    ];
  },
};
