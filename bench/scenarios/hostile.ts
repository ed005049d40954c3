/** What bad neighbours cost the others: a device that reads nothing with 10,000 messages waiting, and one at its limits. */
import { once } from 'node:events';
import { join } from 'node:path';
import { defaultRelaySettings } from '../../signaling-server/relay/settings.ts';
import type { HostileOrder } from '../load/hostile.ts';
import type { Order } from '../load/generator.ts';
import { savePeople, type LoadPerson } from '../load/people.ts';
import { startGenerator } from '../load/run-generator.ts';
import type { LatencySummary } from '../load/percentiles.ts';
import { MeasuredProcess } from '../relays/process.ts';
import { seedHistory, seedPeople, withStore } from '../relays/seed.ts';
import { generatorCore, startParley, type RunningRelay } from '../relays/start.ts';
import { mib, ms, ratio, withTempDir, type Figure, type Scenario } from './scenario.ts';

const people = 200;
const perSecond = 500;
const undelivered = 10_000;
const order: Order = { kind: 'steady', people, perSecond, measureMs: 15_000 };

async function measure(relay: RunningRelay, peopleFile: string): Promise<LatencySummary> {
  const generator = startGenerator({ ...order, address: relay.address, peopleFile });
  const { result } = await generator.next('traffic');
  return result.latency;
}

async function startHostile(hostile: HostileOrder): Promise<MeasuredProcess> {
  const process = new MeasuredProcess(generatorCore, ['bench/load/hostile.ts', JSON.stringify(hostile)], 'pipe');
  if (!process.child.stdout) throw new Error('The hostile devices have no output.');
  await once(process.child.stdout, 'data');
  return process;
}

/** Seeds the traffic's people, and behind them a pair for each of the two bad neighbours. */
async function seed(dataDir: string, peopleFile: string): Promise<{ slow: LoadPerson; flooder: LoadPerson }> {
  return withStore(dataDir, async (store) => {
    const all = await seedPeople(store, people + 4);
    savePeople(peopleFile, all);
    const [writer, slow, , flooder] = all.slice(people);
    if (!writer || !slow || !flooder) throw new Error('The two were not seeded.');
    await seedHistory(store, writer, undelivered);
    return { slow, flooder };
  });
}

export const hostileScenario: Scenario = {
  describe: `${people} people at ${perSecond} messages a second, alone and beside two hostile devices`,
  run: () =>
    withTempDir(async (dir): Promise<Figure[]> => {
      const [dataDir, peopleFile] = [join(dir, 'relay'), join(dir, 'people.json')];
      const bad = await seed(dataDir, peopleFile);
      const relay = await startParley(dataDir, { devices: 'limited' });
      try {
        const quiet = await measure(relay, peopleFile);
        const before = relay.process.residentBytes();
        const { sendsPerSecond, framesPerSecond } = defaultRelaySettings;
        const hostile = await startHostile({ address: relay.address, ...bad, sendsPerSecond, framesPerSecond });
        const beside = await measure(relay, peopleFile);
        const grown = relay.process.residentBytes() - before;
        await hostile.stop();
        return [
          {
            what: 'p99 of the others beside a slow reader and a flooder',
            parley: `${ms(beside.p99)} (${ratio(beside.p99 / quiet.p99)}), p50 ${ms(beside.p50)}`,
            baseline: `${ms(quiet.p99)}, p50 ${ms(quiet.p50)} (the same relay, quiet)`,
            bound: '< 2 × quiet',
            met: beside.p99 < 2 * quiet.p99,
          },
          {
            what: 'relay memory growth beside them',
            parley: mib(grown),
            baseline: null,
            bound: 'reported',
            met: true,
          },
        ];
      } finally {
        await relay.process.stop();
      }
    }),
};
