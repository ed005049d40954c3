/** What very many idle connections cost a node of a fleet, with the fleet's heartbeats and with the usual ones. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startGenerator } from '../load/run-generator.ts';
import { delay } from '../load/traffic.ts';
import { mib, withTempDir, type Figure, type Scenario } from './scenario.ts';
import { withFleet } from './fleet.ts';

const wanted = 100_000;
/** A process may have so many files open here, sockets among them; some are for other things. */
const spareFiles = 1_000;
/** Until what a node remembers of those who came is forgotten (tokens: one to two minutes) and the memory given back. */
const settleMs = 150_000;
const measureSeconds = 60;
const baseSeconds = 15;
const ticksPerSecond = 100;

/** As `deploy/fleet/fleet.env.example` has them. */
const ofTheFleet = ['--heartbeat-ms=600000', '--dead-after-ms=1260000'];

interface Idle {
  /** Resident bytes of the node before anybody came, and with all. */
  readonly base: number;
  readonly bytes: number;
  /** Of a core, by the node's process, before anybody came, and with all. */
  readonly baseShare: number;
  readonly share: number;
  /** Of a core, in soft interrupts of the whole machine: the system's work for packets, of both ends of each link. */
  readonly softShare: number;
}

function idlePeople(): number {
  const most = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]);
  return Math.min(wanted, 2 * Math.floor((most - spareFiles) / 2));
}

function softSeconds(): number {
  const [, , , , , , , ticks = 0] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/).map(Number);
  return ticks / ticksPerSecond;
}

function measureIdle(dir: string, people: number, args: readonly string[]): Promise<Idle> {
  return withFleet(dir, { nodes: 1, people, args }, async (fleet, peopleFile) => {
    const resident = () => fleet.nodes.reduce((sum, { process }) => sum + process.residentBytes(), 0);
    await delay(2_000);
    const atFirst = fleet.cpuSeconds();
    await delay(baseSeconds * 1_000);
    const baseShare = (fleet.cpuSeconds() - atFirst) / baseSeconds;
    const base = resident();
    const generator = startGenerator({ kind: 'crowd', people, address: fleet.addresses, peopleFile });
    await generator.next('ready');
    await delay(settleMs);
    const [before, softBefore] = [fleet.cpuSeconds(), softSeconds()];
    await delay(measureSeconds * 1_000);
    const share = (fleet.cpuSeconds() - before) / measureSeconds;
    const softShare = (softSeconds() - softBefore) / measureSeconds;
    const bytes = resident();
    generator.say('stop');
    return { base, bytes, baseShare, share, softShare };
  });
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export const fleetIdleScenario: Scenario = {
  describe: `${wanted.toLocaleString('en')} authenticated idle connections on one node, or as many as the machine allows`,
  run: () =>
    withTempDir(async (dir): Promise<Figure[]> => {
      const people = idlePeople();
      const half = await measureIdle(join(dir, 'half'), people / 2, ofTheFleet);
      const fleet = await measureIdle(join(dir, 'rare'), people, ofTheFleet);
      const usual = await measureIdle(join(dir, 'usual'), people, []);
      const times = wanted / people;
      const each = ({ base, bytes }: Idle): number => (bytes - base) / people;
      const all = (idle: Idle): number => idle.base + each(idle) * wanted;
      // A part of it, such as looking for lost notes, is the same for few and for many: two numbers of people tell it apart.
      const cpu = fleet.share + ((fleet.share - half.share) / (people / 2)) * (wanted - people);
      const usualCpu = usual.baseShare + (usual.share - usual.baseShare) * times;
      const memory = (idle: Idle): string => `${mib(all(idle))} (${(each(idle) / 1_024).toFixed(1)} KiB each)`;
      const reckoned = times === 1 ? '' : `, reckoned from ${people.toLocaleString('en')}`;
      return [
        {
          what: `memory of a node with ${wanted.toLocaleString('en')} idle connections${reckoned}`,
          parley: `${memory(fleet)}; with the usual heartbeats ${memory(usual)}`,
          baseline: null,
          bound: '≤ 1.4 GB (goal 1.1)',
          met: all(fleet) <= 1.4e9,
        },
        {
          what: `of a core meanwhile, with the fleet's heartbeats, reckoned from ${people / 2} and ${people}`,
          parley: `${percent(cpu)} (${percent(fleet.baseShare)} with nobody, ${percent(half.share)} and ${percent(fleet.share)})`,
          baseline: null,
          bound: '< 5 %',
          met: cpu < 0.05,
        },
        {
          what: `of a core, with the usual heartbeats${reckoned}`,
          parley: percent(usualCpu),
          baseline: null,
          bound: 'reported',
          met: true,
        },
        {
          what: `soft interrupts of the machine, for both ends of each link${reckoned}`,
          parley: `${percent(fleet.softShare * times)}; with the usual heartbeats ${percent(usual.softShare * times)}`,
          baseline: null,
          bound: 'reported',
          met: true,
        },
      ];
    }),
};
