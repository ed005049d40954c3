/**
 * The fault rig's command.
 *
 *   node test/rig/run.ts --seed 123 --engines 4 --acts 200     one run; --print shows it without playing it
 *   node test/rig/run.ts --short --seed 1000                   200 small schedules, from this seed on
 *   node test/rig/run.ts --long --seed 1000000                 10,000 forced disconnects and 1,000 kill -9
 *
 * Prints what struck, and for a failure the seed, the schedule and where everything is kept. Exit code 1 for violations.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { disconnects, kills, runFleet, summaryOf, type FleetOptions } from './fleet.ts';
import { makeSchedule } from './make-schedule.ts';
import { canCutPower } from './power/power-cut-disk.ts';
import { long, one, short } from './sizes.ts';
import { printSchedule } from './schedule.ts';
import { canMakeDisks } from './small-disk.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    short: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
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

const sizes = values.long ? long : values.short ? short : one;
const given = (value: string | undefined, usual: number): number => (value === undefined ? usual : Number(value));
const schedule = {
  ...sizes.schedule,
  engines: given(values.engines, sizes.schedule.engines),
  acts: given(values.acts, sizes.schedule.acts),
  faults: given(values.faults, sizes.schedule.faults),
  rounds: given(values.rounds, sizes.schedule.rounds),
  roundMs: given(values['round-ms'], sizes.schedule.roundMs),
  can: { disks: canMakeDisks(), powerCuts: canCutPower() },
};
const firstSeed = Number(values.seed);

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
  const goesOn: FleetOptions['goesOn'] = (so) => {
    if (performance.now() >= until) return false;
    if (values.long) return disconnects(so) < Number(values.disconnects) || kills(so) < Number(values.kills);
    begun += schedule.rounds;
    return begun - schedule.rounds < schedules;
  };
  const folder = await mkdtemp(join(memoryOrDisk(), 'parley-rig-'));
  const result = await runFleet({
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
  process.exit(result.failures.length > 0 ? 1 : 0);
}
