/** The fault rig's parts for a fleet: schedules, clocks that are off, promotion, and rules that notice what they must. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { createId, type ConversationId } from '../../protocol/index.ts';
import { doAct } from '../rig/acts/do-act.ts';
import { audit } from '../rig/check/audit.ts';
import { createChecker } from '../rig/check/check.ts';
import type { Findings } from '../rig/check/findings.ts';
import { nodesServeTheSame } from '../rig/check/node-rules.ts';
import { presenceIsTrue } from '../rig/check/presence-rule.ts';
import { fleetWeights } from '../rig/fleet/make-fleet-faults.ts';
import { SharedStore } from '../rig/fleet/shared-store.ts';
import { canSkewClocks, openSkewedClock } from '../rig/fleet/skewed-clock.ts';
import { makeSchedule } from '../rig/make-schedule.ts';
import { printSchedule, type DeviceSpec, type RelaySpec } from '../rig/schedule.ts';
import { sizesOf } from '../rig/sizes.ts';
import { Tally } from '../rig/tally.ts';
import { clearAway, closeWorld, openWorld, type World } from '../rig/world.ts';

const { schedule } = sizesOf({ fleet: true, short: true, long: false });
const can = { disks: true, powerCuts: true, skews: true };
const settleMs = 30_000;

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-rig-fleet-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

test('the same seed makes the same schedule of a fleet, with every fault of fleets and none of single relays', () => {
  const made = (seed: number) => makeSchedule({ ...schedule, seed, can });
  expect(printSchedule(made(7))).toBe(printSchedule(made(7)));
  const steps = Array.from({ length: 60 }, (_, seed) => made(seed).rounds.flatMap((round) => round.steps)).flat();
  const names = new Set<string>(steps.map((step) => step.do));
  expect(Object.keys(fleetWeights).filter((name) => !names.has(name))).toEqual([]);
  expect([...names].filter((name) => name.endsWith('-relay'))).toEqual([]);
});

/** Prints the wall clock and the clock that only measures, in milliseconds, at each line that it reads. */
const tellsTime = `process.stdin.on('data', () => console.log(Date.now(), Math.round(performance.now())))`;

test.skipIf(!canSkewClocks())('a clock that is set moves the time of day of its process and nothing else', async () => {
  const clock = openSkewedClock(join(await temporaryFolder(), 'clock'));
  const child = spawn(process.execPath, ['-e', tellsTime], { env: { ...process.env, ...clock.env } });
  onTestFinished(() => void child.kill());
  const lines = createInterface(child.stdout);
  const told = async (): Promise<{ off: number; measured: number }> => {
    child.stdin.write('\n');
    const [line] = (await once(lines, 'line')) as [string];
    const [wall = 0, measured = 0] = line.split(' ').map(Number);
    return { off: wall - Date.now(), measured };
  };
  const hour = 3_600_000;
  const before = await told();
  expect(Math.abs(before.off)).toBeLessThan(hour / 100);
  for (const ms of [hour, -hour, 0]) {
    clock.set(ms);
    const after = await told();
    expect(Math.abs(after.off - ms)).toBeLessThan(hour / 100);
    expect(after.measured - before.measured).toBeLessThan(hour / 100);
  }
});

test('what was committed before the database died for good is in the replica that took its place, twice over', async () => {
  const store = await SharedStore.open({ base: tmpdir(), replicated: true });
  onTestFinished(() => store.stop());
  await store.run('CREATE TABLE words (word int)');
  for (const word of [1, 2]) {
    await store.run(`INSERT INTO words VALUES (${word})`);
    expect(await store.promote()).toBe(true);
  }
  expect(await store.run('SELECT word FROM words ORDER BY word')).toEqual([{ word: 1 }, { word: 2 }]);
});

const device = (person: number): DeviceSpec => ({
  person,
  home: 'here',
  smallDisk: false,
  recorded: false,
  early: true,
});

/** Two people with one device each, who have said something. */
async function chattedWorld(relay: RelaySpec): Promise<World> {
  const folder = await temporaryFolder();
  const setting = { people: 2, devices: [device(0), device(1)], relay, rounds: [] };
  const world = await openWorld({ seed: 1, ...setting }, folder, new Tally());
  onTestFinished(async () => {
    expect(await closeWorld(world)).toEqual([]);
    await clearAway(world, false);
  });
  await doAct(world, { do: 'send', device: 0, to: 1, count: 4, long: false });
  return world;
}

test('the checker notices who is believed to be there and is not', async () => {
  const world = await chattedWorld({ form: 'one', smallDisk: false, recorded: false });
  expect(await createChecker(world).settle(settleMs, false)).toMatchObject({ violations: [] });
  const [watcher] = world.devices;
  if (!watcher) throw new Error('There is no device.');
  const wrong = await presenceIsTrue({ ...world, devices: [watcher] }, 0);
  expect(wrong).toEqual([expect.stringMatching(/^P7: device 0 believes that .* is online; they are offline$/)]);
});

test('all nodes of a fleet serve the same, and the checker notices one that does not', async () => {
  const world = await chattedWorld({ form: 'fleet', nodes: 3 });
  const { findings, violations } = await createChecker(world).settle(settleMs, false);
  expect(violations).toEqual([]);
  const [first] = world.people;
  if (!findings || !first) throw new Error('Nothing was found.');
  expect(findings.elsewhere.map((nodes) => nodes.length)).toEqual([3, 3]);
  const other = await audit(world.relay.address, first.auditor, false);
  const wrong: Findings = { ...findings, elsewhere: [[{ ...other, chains: new Map(), logs: new Map() }]] };
  expect([...nodesServeTheSame(wrong)].join('\n')).toMatch(/P2: person 0 is served other logs of/);
  const unknown = new Map([[createId<ConversationId>(), []]]);
  const more: Findings = {
    ...findings,
    elsewhere: [findings.audits.slice(0, 1).map((each) => ({ ...each, logs: unknown }))],
  };
  expect([...nodesServeTheSame(more)].length).toBeGreaterThan(1);
});
