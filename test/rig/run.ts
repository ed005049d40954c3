/**
 * The fault rig's command.
 *
 *   node test/rig/run.ts --seed 123 --engines 4 --acts 200     one run; --print shows it without playing it
 *   node test/rig/run.ts --short --seed 1000                   200 small schedules, from this seed on
 *   node test/rig/run.ts --long --seed 1000000                 10,000 forced disconnects and 1,000 kill -9
 *
 *   node test/rig/run.ts --put-back [...]                       the relay's data is put back to old copies, too
 *   node test/rig/run.ts --fleet [--short | --long] --seed 1    the same against three nodes on PostgreSQL and NATS
 *
 * Prints what struck, and for a failure the seed, the schedule and where everything is kept. Exit code 1 for
 * violations, and when nothing could be played.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { canSkewClocks } from './fleet/skewed-clock.ts';
import { makeSchedule } from './make-schedule.ts';
import { disconnects, kills, runMany, summaryOf, type ManyRunsOptions } from './many-runs.ts';
import { canCutPower } from './power/power-cut-disk.ts';
import { printSchedule } from './schedule.ts';
import { putBackWeights, sizesOf } from './sizes.ts';
import { canMakeDisks } from './small-disk.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    short: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    fleet: { type: 'boolean', default: false },
    /** The relay's data is copied, and put back later. */
    'put-back': { type: 'boolean', default: false },
    print: { type: 'boolean', default: false },
    engines: { type: 'string' },
    acts: { type: 'string' },
    faults: { type: 'string' },
    rounds: { type: 'string' },
    'round-ms': { type: 'string' },
    lanes: { type: 'string' },
    /** Keeps files on the disk of the temporary folder instead of in memory. */
    disk: { type: 'boolean', default: false },
    /** Of all runs together. */
    schedules: { type: 'string' },
    disconnects: { type: 'string', default: '10000' },
    kills: { type: 'string', default: '1000' },
    /** Ends a long run early; what was reached by then is printed. */
    minutes: { type: 'string' },
  },
});

const sizes = sizesOf(values);
const given = (value: string | undefined, usual: number): number => (value === undefined ? usual : Number(value));
const schedule = {
  ...sizes.schedule,
  engines: given(values.engines, sizes.schedule.engines),
  acts: given(values.acts, sizes.schedule.acts),
  faults: given(values.faults, sizes.schedule.faults),
  rounds: given(values.rounds, sizes.schedule.rounds),
  roundMs: given(values['round-ms'], sizes.schedule.roundMs),
  weights: { ...sizes.schedule.weights, ...(values['put-back'] && putBackWeights) },
  can: { disks: canMakeDisks(), powerCuts: canCutPower(), skews: canSkewClocks() },
};
const firstSeed = Number(values.seed);

// Servers and relays end with this process, and do so whatever ends it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

if (values.print) console.log(printSchedule(makeSchedule({ ...schedule, seed: firstSeed })));
else await play();

/** `kill -9` does not need a slow disk to be felt: files in memory leave more time for faults. */
function memoryOrDisk(): string {
  return !values.disk && existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
}

async function play(): Promise<void> {
  const until = performance.now() + given(values.minutes, 24 * 60) * 60_000;
  const schedules = given(values.schedules, sizes.schedules);
  let begun = 0;
  const goesOn: ManyRunsOptions['goesOn'] = (so) => {
    if (performance.now() >= until) return false;
    if (values.long) return disconnects(so) < Number(values.disconnects) || kills(so) < Number(values.kills);
    begun += schedule.rounds;
    return begun - schedule.rounds < schedules;
  };
  const folder = await mkdtemp(join(memoryOrDisk(), 'parley-rig-'));
  const result = await runMany({
    schedule,
    firstSeed,
    lanes: given(values.lanes, sizes.lanes),
    folder,
    goesOn,
    say: (line) => console.log(line),
  });
  console.log(summaryOf(result));
  if (result.failures.length === 0) await rm(folder, { recursive: true, force: true });
  // What a failed run left open must not keep the process.
  process.exit(result.failures.length > 0 || result.schedules === 0 ? 1 : 0);
}
