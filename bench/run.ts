/** Runs the benchmarks (`npm run bench`, or `npm run bench -- latency crowd`) and prints a table of figures. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Figure, Scenario } from './scenarios/scenario.ts';

/** Loaded when it is their turn: what one imports must not weigh on the memory and the garbage collector of another. */
const scenarios: Readonly<Record<string, () => Promise<Scenario>>> = {
  'throughput-200x8': async () => (await import('./scenarios/traffic.ts')).throughputManyScenario,
  'throughput-4000x1': async () => (await import('./scenarios/traffic.ts')).throughputSingleScenario,
  latency: async () => (await import('./scenarios/traffic.ts')).latencyScenario,
  chains: async () => (await import('./scenarios/chains.ts')).chainsScenario,
  hostile: async () => (await import('./scenarios/hostile.ts')).hostileScenario,
  crowd: async () => (await import('./scenarios/crowd.ts')).crowdScenario,
  'catch-up': async () => (await import('./scenarios/catch-up.ts')).catchUpScenario,
  'cold-start': async () => (await import('./scenarios/cold-start.ts')).coldStartScenario,
  engine: async () => (await import('./scenarios/engine.ts')).engineScenario,
  'new-device': async () => (await import('./scenarios/new-device.ts')).newDeviceScenario,
  desktop: async () => (await import('./scenarios/desktop.ts')).desktopScenario,
  'media-relay': async () => (await import('./scenarios/media-relay.ts')).mediaRelayScenario,
  'media-direct': async () => (await import('./scenarios/media-direct.ts')).mediaDirectScenario,
  'fleet-throughput': async () => (await import('./scenarios/fleet.ts')).fleetThroughputScenario,
  'fleet-latency': async () => (await import('./scenarios/fleet.ts')).fleetLatencyScenario,
  'fleet-nodes': async () => (await import('./scenarios/fleet-nodes.ts')).fleetNodesScenario,
  'fleet-kill': async () => (await import('./scenarios/fleet.ts')).fleetKillScenario,
  'fleet-idle': async () => (await import('./scenarios/fleet-idle.ts')).fleetIdleScenario,
  migrate: async () => (await import('./scenarios/migrate.ts')).migrateScenario,
};

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
  const chosen = Object.entries(scenarios).filter(
    ([name]) => wanted.length === 0 || wanted.some((prefix) => name.startsWith(prefix)),
  );
  if (chosen.length === 0) throw new Error(`Scenarios: ${Object.keys(scenarios).join(', ')}.`);
  const figures: Figure[] = [];
  for (const [name, load] of chosen) {
    const scenario = await load();
    console.log(`${name}: ${scenario.describe}`);
    figures.push(...(await scenario.run()));
  }
  const text = `${machine()}\n\n${table(figures)}\n`;
  mkdirSync('build/bench', { recursive: true });
  writeFileSync(join('build/bench', `${wanted.join('-') || 'all'}.md`), text);
  console.log(`\n${text}`);
}

await main();
