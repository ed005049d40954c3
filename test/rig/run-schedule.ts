/** Plays one schedule: round after round of acts and faults, each followed by peace and the checker. */
import { join } from 'node:path';
import { doAct, isAct } from './acts/do-act.ts';
import { createChecker, type Checker } from './check/check.ts';
import { within } from './deadline.ts';
import { pause } from './fault-doers.ts';
import { doFault } from './faults.ts';
import { watchEverybody } from './check/presence-rule.ts';
import { compareWithStore } from './check/store-audit.ts';
import { printSchedule, type Round, type Schedule, type Step } from './schedule.ts';
import { Tally } from './tally.ts';
import { clearAway, closeWorld, openWorld, type World } from './world.ts';

export interface RunResult {
  readonly seed: number;
  /** Rounds that were played to their end. */
  readonly rounds: number;
  readonly messages: number;
  readonly violations: readonly string[];
  /** Of a run that failed: where everything still is. */
  readonly folder: string | null;
  readonly tally: Tally;
  /** How long devices and relay took from the last fault to being in sync, one a round. */
  readonly settleMs: readonly number[];
}

/** More than the longest that a device may need to notice a dead link and to come back, on a machine with other work. */
const settleWithinMs = 60_000;
const comeInWithinMs = 20_000;
const comeInLookMs = 50;
/** Nothing takes as long as this, however busy the machine. */
const hangMs = 180_000;

export async function runSchedule(schedule: Schedule, folder: string): Promise<RunResult> {
  const tally = new Tally();
  const world = await openWorld(schedule, folder, tally);
  const settleMs: number[] = [];
  let outcome: Outcome = { violations: [], messages: 0 };
  let rounds = 0;
  trace('opened', schedule.seed);
  const checker = createChecker(world);
  for (const round of schedule.rounds) {
    const isLast = ++rounds === schedule.rounds.length;
    outcome = await playChecked(world, checker, round, isLast);
    settleMs.push(outcome.settleMs ?? 0);
    trace('round', schedule.seed, rounds, Math.round(outcome.settleMs ?? 0));
    if (outcome.violations.length > 0) break;
  }
  const violations = [...outcome.violations, ...(await endWorld(world, outcome.violations.length === 0))];
  trace('closed', schedule.seed);
  const failed = violations.length > 0;
  await clearAway(world, failed);
  const { messages } = outcome;
  return { seed: schedule.seed, rounds, messages, violations, folder: failed ? folder : null, tally, settleMs };
}

interface Outcome {
  readonly violations: readonly string[];
  readonly messages: number;
  readonly settleMs?: number;
}

async function playChecked(world: World, checker: Checker, round: Round, isLast: boolean): Promise<Outcome> {
  const running = new Set<string>();
  try {
    await within(hangMs, playRound(world, round, running), () => [...running].join(', '));
    return await within(hangMs, makePeace(world, checker, isLast), () => 'coming back');
  } catch (error) {
    return { violations: [`hang: ${String(error)}`], messages: 0 };
  }
}

async function endWorld(world: World, compares: boolean): Promise<string[]> {
  try {
    const wrong = await within(hangMs, closeWorld(world), () => 'closing everything');
    return compares ? [...wrong, ...(await compareWithStore(world))] : wrong;
  } catch (error) {
    return [`hang: ${String(error)}`];
  }
}

async function playRound(world: World, { steps }: Round, running: Set<string>): Promise<void> {
  await watchEverybody(world);
  const start = performance.now();
  const done: Promise<void>[] = [];
  for (const step of steps) {
    await until(start + step.at);
    const name = JSON.stringify(step);
    running.add(name);
    done.push(doStep(world, step).finally(() => running.delete(name)));
  }
  world.devices.forEach(({ proxy }) => proxy.heal());
  await Promise.all(done);
}

async function doStep(world: World, step: Step): Promise<void> {
  try {
    if (isAct(step)) await doAct(world, step);
    else await doFault(world, step);
  } catch (error) {
    world.tally.add(`${step.do} left something off: ${String(error).slice(0, 60)}`);
  }
}

/** All faults end, everything that is off comes back, and after the last round everybody logs in. */
async function makePeace(world: World, checker: Checker, everybody: boolean): Promise<Outcome> {
  const { relay, devices } = world;
  const since = performance.now();
  for (const { disk } of [relay, ...devices]) disk?.free();
  for (const { proxy } of devices) proxy.heal();
  world.seen.push(...(await relay.comeBack()));
  // A device that is logged out, or whose session the copy does not know, may be the only one that has something.
  const logsIn = everybody || world.past.inThisRound;
  await Promise.all(devices.map((device) => device.inTurn(() => comeBack(world, device, logsIn))));
  // What was marked as read before a device heard of it went by the places of a log that is gone.
  if (world.past.inThisRound) for (const { ledger } of devices) ledger.read.clear();
  world.past.inThisRound = false;
  const { violations, findings } = await checker.settle(settleWithinMs, everybody);
  const messages = [...(findings?.logs.values() ?? [])].reduce((sum, log) => sum + log.length, 0);
  return { violations, messages, settleMs: performance.now() - since };
}

async function comeBack(world: World, device: World['devices'][number], logsIn: boolean): Promise<void> {
  try {
    device.jump(0);
    await device.start();
    if (logsIn) await comeIn(device);
    const connection = (await device.isSignedIn()) ? await device.engine?.invoke('connection.get') : null;
    // Only what would come by itself is made quicker: a device that has stopped trying stays so, and is a violation.
    if (connection?.state === 'waiting') await device.engine?.invoke('connection.retry');
  } catch (error) {
    world.tally.add(`coming back failed: ${String(error).slice(0, 80)}`);
  }
}

/** A device may have yet to hear that the relay does not know its session. */
async function comeIn(device: World['devices'][number]): Promise<void> {
  for (const until = performance.now() + comeInWithinMs; performance.now() < until; await pause(comeInLookMs)) {
    if (!(await device.isSignedIn())) await device.login();
    const { state } = (await device.engine?.invoke('connection.get')) ?? { state: 'offline' };
    if (state === 'online') return;
    if (state === 'waiting') await device.engine?.invoke('connection.retry');
  }
}

/** Waits for a moment of the schedule. */
async function until(moment: number): Promise<void> {
  const wait = moment - performance.now();
  if (wait > 0) await new Promise((done) => setTimeout(done, wait));
}

/** What a person needs who looks into a failed run. */
export function describeFailure(schedule: Schedule, { violations, folder, rounds }: RunResult): string {
  return [
    `${violations.length} violations in round ${rounds - 1} of seed ${schedule.seed}; everything is kept in ${folder}`,
    ...violations.slice(0, 20).map((violation) => `  ${violation}`),
    printSchedule({ ...schedule, rounds: schedule.rounds.slice(0, rounds) }),
  ].join('\n');
}

export function runFolder(base: string, seed: number): string {
  return join(base, `seed-${seed}`);
}

function trace(...words: unknown[]): void {
  if (process.env['RIG_TRACE']) console.log(Math.round(performance.now()), ...words);
}
