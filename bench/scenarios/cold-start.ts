/** From the start of the relay's process to the first connection that is let in, empty and with a million messages. */
import { join } from 'node:path';
import { LoadClient } from '../load/load-client.ts';
import type { LoadPerson } from '../load/people.ts';
import { percentile } from '../load/percentiles.ts';
import { seedHistory, seedPeople, withStore } from '../relays/seed.ts';
import { startParley } from '../relays/start.ts';
import { ms, withTempDir, type Figure, type Scenario } from './scenario.ts';

const runs = 7;

async function coldStart(dataDir: string, person: LoadPerson): Promise<number> {
  const begun = performance.now();
  const relay = await startParley(dataDir);
  const client = new LoadClient(person, () => {});
  await client.connect(relay.address, [{ conversation: person.conversation, seq: 0 }]);
  const took = performance.now() - begun;
  client.cut();
  await relay.process.stop();
  return took;
}

async function median(dataDir: string, person: LoadPerson): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) times.push(await coldStart(dataDir, person));
  return percentile(times, 0.5);
}

export const coldStartScenario: Scenario = {
  describe: `process start to the first session in sync, median of ${runs}`,
  run: () =>
    withTempDir(async (dir): Promise<Figure[]> => {
      const dataDir = join(dir, 'relay');
      const people = await withStore(dataDir, (store) => seedPeople(store, 4));
      const [first, , writer] = people;
      if (!first || !writer) throw new Error('Nobody was seeded.');
      const empty = await median(dataDir, first);
      await withStore(dataDir, (store) => seedHistory(store, writer, 1_000_000));
      const full = await median(dataDir, first);
      return [
        {
          what: 'cold start to the first session',
          parley: ms(empty),
          baseline: null,
          bound: '< 500 ms (goal 250)',
          met: empty < 500,
        },
        {
          what: 'cold start with 1,000,000 messages',
          parley: ms(full),
          baseline: null,
          bound: '< 1 s',
          met: full < 1_000,
        },
      ];
    }),
};
