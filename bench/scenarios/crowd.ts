/** Ten thousand idle connections: what each costs in memory, and how long all take to come back after a cut. */
import { join } from 'node:path';
import { savePeople } from '../load/people.ts';
import { startGenerator } from '../load/run-generator.ts';
import { delay } from '../load/traffic.ts';
import { seedPeople, withStore } from '../relays/seed.ts';
import { startBare, startParley, type RunningRelay } from '../relays/start.ts';
import { ms, withTempDir, type Figure, type Scenario } from './scenario.ts';

const people = 10_000;
/** Long enough for the collector to run and for buffers of the handshake to be let go. */
const settleMs = 12_000;

async function measure(relay: RunningRelay, peopleFile: string): Promise<{ bytesEach: number; reconnectMs: number }> {
  try {
    await delay(2_000);
    const before = relay.process.residentBytes();
    const generator = startGenerator({ kind: 'crowd', people, address: relay.address, peopleFile });
    await generator.next('ready');
    await delay(settleMs);
    const bytesEach = (relay.process.residentBytes() - before) / people;
    generator.say('reconnect');
    const { ms: reconnectMs } = await generator.next('reconnected');
    generator.say('stop');
    return { bytesEach, reconnectMs };
  } finally {
    await relay.process.stop();
  }
}

const kib = (bytes: number): string => `${(bytes / 1_024).toFixed(1)} KiB`;

export const crowdScenario: Scenario = {
  describe: `${people} authenticated idle connections, then all cut and reconnected at once`,
  run: () =>
    withTempDir(async (dir): Promise<Figure[]> => {
      const peopleFile = join(dir, 'people.json');
      const dataDir = join(dir, 'relay');
      await withStore(dataDir, async (store) => savePeople(peopleFile, await seedPeople(store, people)));
      const bare = await measure(await startBare(peopleFile), peopleFile);
      const parley = await measure(await startParley(dataDir), peopleFile);
      return [
        {
          what: 'memory per idle authenticated connection',
          parley: kib(parley.bytesEach),
          baseline: kib(bare.bytesEach),
          bound: '≤ 12 KiB (goal 10)',
          met: parley.bytesEach <= 12 * 1_024,
        },
        {
          what: 'all reconnected and in sync after a cut',
          parley: ms(parley.reconnectMs),
          baseline: ms(bare.reconnectMs),
          bound: '≤ 4 s (goal 1.5)',
          met: parley.reconnectMs <= 4_000,
        },
      ];
    }),
};
