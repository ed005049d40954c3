/** One device that missed 100,000 messages comes back while others write: how fast it is served, and what they notice. */
import { join } from 'node:path';
import { savePeople } from '../load/people.ts';
import { startGenerator } from '../load/run-generator.ts';
import { seedHistory, seedPeople, withStore } from '../relays/seed.ts';
import { startParley } from '../relays/start.ts';
import { ms, withTempDir, type Figure, type Scenario } from './scenario.ts';

const missed = 100_000;
const people = 200;

export const catchUpScenario: Scenario = {
  describe: `${missed} messages for one device while 200 others exchange 500 a second`,
  run: () =>
    withTempDir(async (dir): Promise<Figure[]> => {
      const peopleFile = join(dir, 'people.json');
      const dataDir = join(dir, 'relay');
      await withStore(dataDir, async (store) => {
        const seeded = await seedPeople(store, people + 2);
        savePeople(peopleFile, seeded);
        const [sender] = seeded.slice(-2);
        if (sender) await seedHistory(store, sender, missed);
      });
      const relay = await startParley(dataDir);
      try {
        const where = { address: relay.address, peopleFile };
        const others = startGenerator({ kind: 'steady', people, perSecond: 500, measureMs: 10_000, ...where });
        await others.next('begin');
        const late = startGenerator({ kind: 'catch-up', person: people + 1, ...where });
        const { ms: tookMs, messages } = await late.next('caught-up');
        const { result } = await others.next('traffic');
        return [
          {
            what: `relay serves ${messages.toLocaleString('en')} missed messages`,
            parley: ms(tookMs),
            baseline: null,
            bound: '≤ 1.6 s (goal 0.3)',
            met: messages === missed && tookMs <= 1_600,
          },
          {
            what: "others' p99 meanwhile",
            parley: ms(result.latency.p99),
            baseline: null,
            bound: '< 20 ms',
            met: result.latency.p99 < 20,
          },
        ];
      } finally {
        await relay.process.stop();
      }
    }),
};
