/**
 * The capacity model and its simulation.
 *
 *     node bench/capacity.ts                      prints the tables
 *     node bench/capacity.ts --simulate           plays the scenarios too, in one to five minutes
 *     node bench/capacity.ts --constants FILE     with other numbers: { "relayAcceptMicros": 55, "peakFactor": 5 }
 *     node bench/capacity.ts --simulate --write   puts tables and pictures into docs/
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { modelTables } from './capacity/all-tables.ts';
import { readOverrides, type Overrides } from './capacity/overrides.ts';
import { fillPage, tableIn, type PageTables } from './capacity/page.ts';
import { drawRun } from './capacity/simulation/chart.ts';
import { playAll, simulationNames, simulationTables } from './capacity/simulation/play.ts';
import type { Run } from './capacity/simulation/simulate.ts';

const docs = resolve(import.meta.dirname, '../docs');
const pagePath = join(docs, 'capacity.md');

function main(): void {
  const { values } = parseArgs({
    options: { constants: { type: 'string' }, simulate: { type: 'boolean' }, write: { type: 'boolean' } },
  });
  const changed = values.constants === undefined ? {} : readOverrides(values.constants);
  const model = modelTables(changed);
  for (const [name, table] of Object.entries(model)) console.log(`${name}\n\n${table}\n`);
  const runs = values.simulate ? play(changed) : null;
  if (values.write) write(model, runs);
}

function play(changed: Overrides): Run[] {
  const runs = playAll(changed, (run, ms) =>
    console.log(`played ${run.scenario.name} in ${(ms / 1_000).toFixed(1)} s`),
  );
  for (const [name, table] of Object.entries(simulationTables(runs))) console.log(`\n${name}\n\n${table}`);
  return runs;
}

/** Without new runs, what the page says of the simulation stays. */
function write(model: PageTables, runs: readonly Run[] | null): void {
  const page = readFileSync(pagePath, 'utf8');
  const simulated = runs
    ? simulationTables(runs)
    : Object.fromEntries(simulationNames.map((name) => [name, kept(page, name)]));
  writeFileSync(pagePath, fillPage(page, { ...model, ...simulated }));
  for (const run of runs ?? []) writeFileSync(join(docs, 'images', `capacity-${run.scenario.name}.svg`), drawRun(run));
}

const kept = (page: string, name: string): string => tableIn(page, name) ?? '';

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
