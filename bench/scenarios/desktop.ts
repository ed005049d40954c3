/** The desktop app on a history of 100,000 messages: start, switching conversations, memory. Needs a display. */
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { ensureDisplay } from '../../scripts/display.ts';
import { Company, conversationWith } from '../../test/support/cast.ts';
import { ChatApp } from '../../test/support/chat-app.ts';
import { anna, ben } from '../../test/support/people.ts';
import { appMemory } from '../media/app-memory.ts';
import type { LoadPerson } from '../load/people.ts';
import { percentile } from '../load/percentiles.ts';
import { seedHistory, withStore } from '../relays/seed.ts';
import { startParley } from '../relays/start.ts';
import { freePort } from '../../test/support/free-port.ts';
import { mib, ms, withTempDir, type Figure, type Scenario } from './scenario.ts';

const messages = 100_000;
const carol = { username: 'carol', name: 'Carol', password: anna.password };
const starts = 5;
const switches = 20;

interface Seeding {
  readonly dir: string;
  readonly relayDir: string;
  readonly port: number;
}

/** An account in a real app, two conversations with half of the messages each, all of them received. */
async function fillHistory({ dir, relayDir, port }: Seeding): Promise<void> {
  const first = await startParley(relayDir, { port });
  const company = new Company(first.address);
  const app = await ChatApp.openAndRegister(anna, first.address, { dataDir: join(dir, 'anna') });
  const writers: LoadPerson[] = [];
  for (const person of [ben, carol]) {
    const client = await company.join(person);
    const conversation = await conversationWith(client, anna.username);
    const session = await client.invoke('session.get');
    if (session.state !== 'signed-in') throw new Error('A writer is not logged in.');
    writers.push({ user: session.account.id, device: session.device, token: '', conversation });
  }
  await company.leave();
  await app.close();
  await first.process.stop();
  await withStore(relayDir, async (store) => {
    for (const writer of writers) await seedHistory(store, writer, messages / 2);
  });
}

/** Starts the app and waits until the list can be clicked. @returns the app and how long it took. */
async function start(dir: string): Promise<{ app: ChatApp; tookMs: number }> {
  const begun = performance.now();
  const app = await ChatApp.open(anna, { dataDir: join(dir, 'anna') });
  await expect(app.row(ben.name)).toBeVisible();
  return { app, tookMs: performance.now() - begun };
}

/** Clicks a row and waits, inside the page, until messages of the other conversation are painted. */
async function switchTo(app: ChatApp, name: string): Promise<number> {
  return app.page.evaluate(async (title) => {
    const row = [...document.querySelectorAll<HTMLElement>('[role=option]')].find((each) =>
      each.innerText.includes(title),
    );
    const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
    const begun = performance.now();
    row?.click();
    while (!document.querySelector(`[role=log][aria-label$="${title}"] [role=article]`)) await frame();
    await frame();
    return performance.now() - begun;
  }, name);
}

async function measure(dir: string): Promise<Figure[]> {
  const catchingUp = await start(dir);
  const sum = messages.toLocaleString('en');
  await expect(catchingUp.app.page.getByRole('progressbar')).toBeHidden({ timeout: 120_000 });
  await catchingUp.app.openChat(ben.name);
  await catchingUp.app.close();

  const times: number[] = [];
  for (let run = 0; run < starts; run += 1) {
    const { app, tookMs } = await start(dir);
    times.push(tookMs);
    await app.close();
  }
  const { app } = await start(dir);
  const switched: number[] = [];
  for (let run = 0; run < switches; run += 1) switched.push(await switchTo(app, run % 2 === 0 ? ben.name : carol.name));
  const held = await appMemory(app);
  const own = held.main + held.engine + held.pages;
  await app.close();
  const [usable, change, slowChange] = [percentile(times, 0.5), percentile(switched, 0.5), percentile(switched, 0.95)];
  return [
    {
      what: `window usable on ${sum} messages`,
      parley: ms(usable),
      baseline: null,
      bound: '< 2 s',
      met: usable < 2_000,
    },
    {
      what: 'switch of conversation',
      parley: `p50 ${ms(change)}, p95 ${ms(slowChange)}`,
      baseline: null,
      bound: '< 100 ms',
      met: change < 100,
    },
    {
      what: 'memory of engine, main and page, idle',
      parley: `${mib(own)} (main ${mib(held.main)}, engine ${mib(held.engine)}, page ${mib(held.pages)}; with helpers ${mib(held.all)})`,
      baseline: null,
      bound: '< 350 MB',
      met: own < 350e6,
    },
  ];
}

export const desktopScenario: Scenario = {
  describe: `the app on ${messages} messages: start (median of ${starts}), switches, memory`,
  run: () =>
    withTempDir(async (dir): Promise<Figure[]> => {
      const display = await ensureDisplay({ log: () => {} });
      Object.assign(process.env, display.env);
      const seeding = { dir, relayDir: join(dir, 'relay'), port: await freePort() };
      await fillHistory(seeding);
      const relay = await startParley(seeding.relayDir, { port: seeding.port });
      try {
        return await measure(dir);
      } finally {
        await relay.process.stop();
        await display.stop();
      }
    }),
};
