/** Moving a relay of a million messages from its folder to PostgreSQL, and back, each proven by the chains. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startEngines } from '../relays/fleet.ts';
import { seedHistory, seedPeople, withStore } from '../relays/seed.ts';
import { perSecond, withTempDir, type Figure, type Scenario } from './scenario.ts';

const people = 400;
const messages = 1_000_000;

interface Moved {
  readonly seconds: number;
  /** Of that, copying without the proof. */
  readonly copySeconds: number;
  readonly chains: number;
}

/** Runs the command that an admin runs. @throws Error with its words when it fails. */
async function migrate(from: string, to: string): Promise<Moved> {
  const begun = performance.now();
  const child = spawn(process.execPath, ['build/relay/index.js', 'migrate', `--from=${from}`, `--to=${to}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const words: string[] = [];
  let copied = begun;
  let chains = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    words.push(line);
    if (line.startsWith('Comparing')) copied = performance.now();
    chains = Math.max(chains, Number(/(\d+) chains equal/.exec(line)?.[1] ?? 0));
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`migrate ended with ${code}:\n${words.join('\n')}`);
  return { seconds: (performance.now() - begun) / 1_000, copySeconds: (copied - begun) / 1_000, chains };
}

function figure(way: string, { seconds, copySeconds, chains }: Moved): Figure {
  return {
    what: `migration of ${messages.toLocaleString('en')} messages ${way}`,
    parley: `${perSecond(messages / copySeconds)} copied, ${perSecond(messages / seconds)} with the proof (${chains} chains equal)`,
    baseline: null,
    bound: '≥ 20,000 /s, chains equal',
    met: messages / copySeconds >= 20_000 && chains === people / 2,
  };
}

export const migrateScenario: Scenario = {
  describe: `${messages.toLocaleString('en')} messages in ${people / 2} conversations from SQLite to PostgreSQL and back`,
  run: () =>
    withTempDir(async (dir): Promise<Figure[]> => {
      const dataDir = join(dir, 'relay');
      await withStore(dataDir, async (store) => {
        const everybody = await seedPeople(store, people);
        const senders = everybody.filter((_, index) => index % 2 === 0);
        for (const sender of senders) await seedHistory(store, sender, messages / senders.length);
      });
      const engines = await startEngines();
      try {
        const there = await migrate(dataDir, engines.databaseUrl);
        const back = await migrate(engines.databaseUrl, join(dir, 'back'));
        return [figure('to PostgreSQL', there), figure('back to SQLite', back)];
      } finally {
        await engines.stop();
      }
    }),
};
