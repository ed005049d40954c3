/** Runs the benchmarks (`npm run bench`, or `npm run bench -- latency crowd`) and prints a table of figures. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { catchUpScenario } from './scenarios/catch-up.ts';
import { coldStartScenario } from './scenarios/cold-start.ts';
import { crowdScenario } from './scenarios/crowd.ts';
import { desktopScenario } from './scenarios/desktop.ts';
import { engineScenario } from './scenarios/engine.ts';
import { mediaDirectScenario } from './scenarios/media-direct.ts';
import { mediaRelayScenario } from './scenarios/media-relay.ts';
import { latencyScenario, throughputScenarios } from './scenarios/traffic.ts';
import type { Figure, Scenario } from './scenarios/scenario.ts';

const scenarios: readonly Scenario[] = [
  ...throughputScenarios,
  latencyScenario,
  crowdScenario,
  catchUpScenario,
  coldStartScenario,
  engineScenario,
  desktopScenario,
  mediaRelayScenario,
  mediaDirectScenario,
];

function table(figures: readonly Figure[]): string {
  const rows = figures.map(
    ({ what, parley, baseline, bound, met }) =>
      `| ${what} | ${parley} | ${baseline ?? ''} | ${bound} | ${met ? 'yes' : '**no**'} |`,
  );
  return ['| figure | Parley | baseline | bound | met |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} cores (${cpu?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const chosen = scenarios.filter(
    ({ name }) => wanted.length === 0 || wanted.some((prefix) => name.startsWith(prefix)),
  );
  if (chosen.length === 0) throw new Error(`Scenarios: ${scenarios.map(({ name }) => name).join(', ')}.`);
  const figures: Figure[] = [];
  for (const scenario of chosen) {
    console.log(`${scenario.name}: ${scenario.describe}`);
    figures.push(...(await scenario.run()));
  }
  const text = `${machine()}\n\n${table(figures)}\n`;
  mkdirSync('build/bench', { recursive: true });
  writeFileSync(join('build/bench', `${wanted.join('-') || 'all'}.md`), text);
  console.log(`\n${text}`);
}

await main();
