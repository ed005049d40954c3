/** Plays all scenarios at a thousandth of the whole, and tells of them in tables. */
import { inputsFor } from '../inputs.ts';
import type { Overrides } from '../overrides.ts';
import type { PageTables } from '../page.ts';
import { scenarios } from './scenario.ts';
import { settingsFor } from './settings.ts';
import { simulate, type Run } from './simulate.ts';
import { summaryTable, timeTable } from './summary.ts';

/** A thousandth of 500 million. */
export const simulatedUsers = 5e5;
const seed = 1;

export function playAll(changed: Overrides, onPlayed: (run: Run, ms: number) => void = () => {}): Run[] {
  const settings = settingsFor(inputsFor(simulatedUsers, changed));
  return scenarios.map((scenario) => {
    const begun = performance.now();
    const run = simulate(settings, scenario, seed);
    onPlayed(run, performance.now() - begun);
    return run;
  });
}

export const simulationNames = ['simulation', ...scenarios.map(({ name }) => `simulation-${name}`)];

/** Rows of the tables over time: one in two hours of the day, one in ten seconds of a fault. */
const rowsOf = (run: Run): number => (run.scenario.pace > 0 ? 4 : 2);

export function simulationTables(runs: readonly Run[]): PageTables {
  const each = runs.map((run) => [`simulation-${run.scenario.name}`, timeTable(run, rowsOf(run))] as const);
  return { simulation: summaryTable(runs), ...Object.fromEntries(each) };
}
