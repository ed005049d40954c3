/** What chains cost a relay at its limit: the same traffic with devices that compare them, and without, by turns. */
import { join } from 'node:path';
import type { Order } from '../load/generator.ts';
import { savePeople } from '../load/people.ts';
import { seedPeople, withStore } from '../relays/seed.ts';
import { startParley } from '../relays/start.ts';
import { mean, perSecond, withTempDir, type Figure, type Scenario } from './scenario.ts';
import { measure, perCore, perWallSecond, type Measured } from './traffic.ts';

const people = 200;
/** Six times as often as the engine does in a conversation that never rests. */
const comparesEachMs = 10_000;
const rounds = 4;
const mostShare = 0.05;

/** Each time on a fresh relay. */
async function run(compares: boolean): Promise<Measured> {
  const traffic: Order = { kind: 'closed', people, inFlight: 8, measureMs: 15_000 };
  return withTempDir(async (dir) => {
    const [peopleFile, dataDir] = [join(dir, 'people.json'), join(dir, 'relay')];
    await withStore(dataDir, async (store) => savePeople(peopleFile, await seedPeople(store, people)));
    return measure(await startParley(dataDir), compares ? { ...traffic, comparesEachMs } : traffic, peopleFile);
  });
}

export const chainsScenario: Scenario = {
  describe: `${people} people in pairs, 8 messages in flight each, with and without comparing chains, ${rounds} times 15 s`,
  async run(): Promise<Figure[]> {
    const [without, comparing]: [Measured[], Measured[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      // Whoever comes second has the warmer machine.
      for (const compares of round % 2 === 0 ? [false, true] : [true, false]) {
        (compares ? comparing : without).push(await run(compares));
      }
    }
    const less = (of: (one: Measured) => number): number => 1 - mean(comparing.map(of)) / mean(without.map(of));
    const cost = less(perWallSecond);
    const compared = comparing.reduce((sum, each) => sum + each.compared, 0);
    return [
      {
        what: `durable messages per second of the clock, ${people} × 8, while devices compare chains (${compared} answers)`,
        parley: `${each(comparing, perWallSecond)} (${percent(cost)} less)`,
        baseline: each(without, perWallSecond),
        bound: `≤ ${percent(mostShare)} less`,
        met: cost <= mostShare,
      },
      {
        // Chains are compared in time that messages leave over, which counts here.
        what: 'the same per core-second, time left over included',
        parley: `${each(comparing, perCore)} (${percent(less(perCore))} less)`,
        baseline: each(without, perCore),
        bound: 'reported',
        met: true,
      },
    ];
  },
};

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const each = (measured: readonly Measured[], of: (one: Measured) => number): string =>
  measured.map((one) => perSecond(of(one))).join(', ');
