import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { probeBridge } from '../support/bridge-probe.ts';
import { launchParley } from '../support/electron-app.ts';
import { crashEngine, enginePid } from '../support/engine-crash.ts';

test('an engine that crashes is started again, and the page goes on with the new one', async () => {
  const parley = await launchParley();
  const probe = await probeBridge(parley.page);
  const session = await probe.engine('session.get');
  const first = await enginePid(parley.app);

  await crashEngine(parley.app);
  await expect(async () => {
    expect(await probe.engine('session.get')).toEqual(session);
    expect([null, first]).not.toContain(await enginePid(parley.app));
  }).toPass({ timeout: 15_000, intervals: [50] });
  await parley.close();
});

test('quitting lets the engine close, and leaves no process behind', async () => {
  const parley = await launchParley();
  await probeBridge(parley.page);
  const pids = await parley.app.evaluate(({ app }) => app.getAppMetrics().map(({ pid }) => pid));
  expect(pids.length).toBeGreaterThan(2);
  const log = (): string => readFileSync(join(parley.dataDir, 'main.log'), 'utf8');
  await parley.app.evaluate(({ app }) => app.quit());
  expect(await parley.ended).toBe(0);
  expect(log()).toContain('"event":"app.stopped"');
  expect(log()).not.toMatch(/engine\.(crashed|close-timeout|close-failed)/);
  await expect.poll(() => pids.filter(isAlive)).toEqual([]);
});

test('an engine that keeps crashing ends in a question, not in endless restarts', async () => {
  const parley = await launchParley();
  await parley.app.evaluate(({ dialog }) => {
    const asked: string[] = [];
    Object.assign(globalThis, { asked });
    dialog.showMessageBox = (options: unknown) => {
      asked.push((options as Electron.MessageBoxOptions).message);
      return new Promise(() => {});
    };
  });
  const asked = (): Promise<string[]> =>
    parley.app.evaluate(() => (globalThis as unknown as { asked: string[] }).asked);
  await expect(async () => {
    if ((await asked()).length === 0) await crashEngine(parley.app).catch(() => {});
    expect(await asked()).toHaveLength(1);
  }).toPass({ timeout: 30_000, intervals: [100] });
  expect((await asked())[0]).toContain('keeps stopping');
  expect(await enginePid(parley.app)).toBeNull();
  await parley.close();
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
