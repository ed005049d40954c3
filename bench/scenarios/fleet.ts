/** What relay nodes cost on PostgreSQL and NATS, beside the embedded relay under the same load in the same run. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Order } from '../load/generator.ts';
import { savePeople } from '../load/people.ts';
import { summarise, type LatencySummary } from '../load/percentiles.ts';
import { startGenerator } from '../load/run-generator.ts';
import { delay, type TrafficResult } from '../load/traffic.ts';
import { startEngines, startFleet, withFleetStore, type DatabaseWork, type Engines } from '../relays/fleet.ts';
import { seedPeople, withStore } from '../relays/seed.ts';
import { startParley } from '../relays/start.ts';
import { ms, perSecond, ratio, withTempDir, type Figure, type Scenario } from './scenario.ts';

interface Measured extends TrafficResult {
  /** CPU seconds of all nodes while they were measured. */
  readonly cpu: number;
  readonly database: DatabaseWork | null;
}

const perCore = ({ delivered, cpu }: Measured): number => delivered / cpu;

interface Counters {
  readonly addresses: readonly string[];
  cpuSeconds(): number;
  database(): Promise<DatabaseWork | null>;
}

export async function measure(relays: Counters, order: Order, peopleFile: string): Promise<Measured> {
  const generator = startGenerator({ ...order, address: relays.addresses, peopleFile });
  await generator.next('begin');
  const [before, databaseBefore] = [relays.cpuSeconds(), await relays.database()];
  await generator.next('end');
  const cpu = relays.cpuSeconds() - before;
  const { result } = await generator.next('traffic');
  // The database's own counters lag.
  await delay(1_500);
  return { ...result, cpu, database: difference(await relays.database(), databaseBefore) };
}

function difference(after: DatabaseWork | null, before: DatabaseWork | null): DatabaseWork | null {
  if (!after || !before) return null;
  return {
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    rowsWritten: after.rowsWritten - before.rowsWritten,
    walBytes: after.walBytes - before.walBytes,
    transactions: after.transactions - before.transactions,
  };
}

async function measureEmbedded(dir: string, people: number, order: Order): Promise<Measured> {
  const [peopleFile, dataDir] = [join(dir, 'embedded.json'), join(dir, 'embedded')];
  await withStore(dataDir, async (store) => savePeople(peopleFile, await seedPeople(store, people)));
  const { process, address } = await startParley(dataDir);
  const counters = { addresses: [address], cpuSeconds: () => process.cpuSeconds(), database: async () => null };
  try {
    return await measure(counters, order, peopleFile);
  } finally {
    await process.stop();
  }
}

export async function withFleet<T>(
  dir: string,
  { nodes, people, args }: { nodes: number; people: number; args?: readonly string[] },
  work: (fleet: Awaited<ReturnType<typeof startFleet>>, peopleFile: string, engines: Engines) => Promise<T>,
): Promise<T> {
  mkdirSync(dir, { recursive: true });
  const peopleFile = join(dir, `people-${nodes}.json`);
  const engines = await startEngines();
  try {
    await withFleetStore(engines, async (store) => savePeople(peopleFile, await seedPeople(store, people)));
    const fleet = await startFleet(join(dir, `fleet-${nodes}`), engines, nodes, args);
    try {
      return await work(fleet, peopleFile, engines);
    } finally {
      await fleet.stop();
    }
  } finally {
    await engines.stop();
  }
}

export const fleetThroughputScenario: Scenario = {
  describe: '200 people in pairs, 8 messages in flight each, 10 s: embedded, then one node on PostgreSQL and NATS',
  run: () =>
    withTempDir(async (dir): Promise<Figure[]> => {
      const order = { kind: 'closed', people: 200, inFlight: 8, measureMs: 10_000 } as const;
      const embedded = await measureEmbedded(dir, order.people, order);
      const fleet = await withFleet(dir, { nodes: 1, people: order.people }, (nodes, peopleFile) =>
        measure(nodes, order, peopleFile),
      );
      const factor = perCore(fleet) / perCore(embedded);
      const { cpuSeconds = 0, rowsWritten = 0, walBytes = 0, transactions = 1 } = fleet.database ?? {};
      const each = (total: number): number => total / fleet.delivered;
      return [
        {
          what: 'durable messages per relay core-second on PostgreSQL and NATS',
          parley: `${perSecond(perCore(fleet))} (${ratio(factor)})`,
          baseline: `embedded ${perSecond(perCore(embedded))}`,
          bound: '≥ 0.4 × embedded (goal 0.8)',
          met: factor >= 0.4,
        },
        {
          what: 'messages per second of the clock meanwhile (two cores for relay, PostgreSQL and load)',
          parley: `${perSecond(fleet.delivered / fleet.seconds)}, p99 ${ms(fleet.latency.p99)}`,
          baseline: `${perSecond(embedded.delivered / embedded.seconds)}, p99 ${ms(embedded.latency.p99)}`,
          bound: 'reported',
          met: true,
        },
        {
          what: 'PostgreSQL for each 1,000 messages',
          parley: `${(each(cpuSeconds) * 1e6).toFixed(0)} ms of CPU, ${each(rowsWritten).toFixed(2)} rows written a message, ${each(walBytes).toFixed(0)} bytes of WAL a message, ${(fleet.delivered / transactions).toFixed(0)} messages a transaction`,
          baseline: null,
          bound: 'reported',
          met: true,
        },
      ];
    }),
};

/** What one small commit takes while the fleet works: the floor of every delivery. */
async function commitTimes({ databaseUrl }: Engines, until: Promise<unknown>): Promise<LatencySummary> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('CREATE TABLE probe (id bigint PRIMARY KEY, bytes bytea NOT NULL)');
  const bytes = Buffer.alloc(400);
  const times: number[] = [];
  let over = false;
  void until.finally(() => (over = true));
  for (let id = 0; !over; id += 1) {
    const begun = performance.now();
    await client.query({ name: 'probe', text: 'INSERT INTO probe VALUES ($1, $2)', values: [id, bytes] });
    times.push(performance.now() - begun);
    await delay(20);
  }
  await client.end();
  return summarise(times);
}

export const fleetLatencyScenario: Scenario = {
  describe: '200 people on two nodes, each writing to somebody on the other, 1,000 messages a second in all, 15 s',
  run: () =>
    withTempDir(async (dir): Promise<Figure[]> => {
      const order = { kind: 'steady', people: 200, perSecond: 1_000, measureMs: 15_000 } as const;
      const { traffic, commit } = await withFleet(
        dir,
        { nodes: 2, people: order.people },
        async (nodes, peopleFile, engines) => {
          const measuring = measure(nodes, order, peopleFile);
          const commit = await commitTimes(engines, measuring);
          return { traffic: await measuring, commit };
        },
      );
      const above = { p50: traffic.latency.p50 - commit.p50, p99: traffic.latency.p99 - commit.p99 };
      return [
        {
          what: 'cross-node delivery p50 at 1,000/s',
          parley: `${ms(traffic.latency.p50)} (+${ms(above.p50)})`,
          baseline: `commit ${ms(commit.p50)}`,
          bound: 'at most 3 ms above a commit',
          met: above.p50 <= 3,
        },
        {
          what: 'cross-node delivery p99 at 1,000/s',
          parley: `${ms(traffic.latency.p99)} (+${ms(above.p99)})`,
          baseline: `commit ${ms(commit.p99)}`,
          bound: 'at most 15 ms above a commit',
          met: above.p99 <= 15,
        },
      ];
    }),
};

const goesOnMs = 10_000;

export const fleetKillScenario: Scenario = {
  describe: '3,000 people on three nodes, 500 messages a second; one node is killed',
  run: () =>
    withTempDir(async (dir): Promise<Figure[]> => {
      const order = { kind: 'survive', people: 3_000, perSecond: 500 } as const;
      const survived = await withFleet(dir, { nodes: 3, people: order.people }, async (fleet, peopleFile) => {
        const generator = startGenerator({ ...order, address: fleet.addresses, peopleFile });
        await generator.next('ready');
        await delay(5_000);
        fleet.nodes[1]?.process.child.kill('SIGKILL');
        generator.say('killed');
        await generator.next('reconnected');
        await delay(goesOnMs);
        generator.say('over');
        return generator.next('survived');
      });
      const { inSyncMs, sent, lost, twice, broken } = survived;
      return [
        {
          what: 'one of three nodes killed under load: everybody in sync after',
          parley: ms(inSyncMs),
          baseline: null,
          bound: '≤ 5 s',
          met: inSyncMs <= 5_000,
        },
        {
          what: `of ${sent.toLocaleString('en')} messages, ${broken.toLocaleString('en')} broken connections`,
          parley: `${lost} lost, ${twice} twice`,
          baseline: null,
          bound: '0 and 0',
          met: lost === 0 && twice === 0,
        },
      ];
    }),
};
