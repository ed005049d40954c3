/** Takes pictures of every screen in every size and theme: `node shots.ts CHROMIUM FOLDER [NAME…]`. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { openScene, startHarness } from './harness-browser.ts';
import type { Settings } from '../../../bridge/shell-contract.ts';
import type { SceneName } from './scenes.ts';

const [executablePath = '', folder = '', ...wanted] = process.argv.slice(2);

async function openChat(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('option', { name }).first().click();
  await page.getByRole('log').waitFor();
}

async function fillAccount(page: Page): Promise<void> {
  await page.getByLabel('Relay address').fill('relay.example.org');
  await page.getByRole('button', { name: 'Create account' }).waitFor();
  await page.getByRole('textbox', { name: 'Username' }).fill('mira okafor');
  await page.getByRole('textbox', { name: 'Name that others see' }).fill('Mira Okafor');
  await page.getByRole('textbox', { name: 'Password' }).fill('correct horse');
}

interface Shot {
  readonly scene: SceneName;
  readonly settings?: Partial<Settings>;
  readonly steps?: (page: Page) => Promise<void>;
}

const shots: Record<string, Shot> = {
  welcome: { scene: 'welcome' },
  register: { scene: 'welcome', steps: fillAccount },
  unreachable: {
    scene: 'welcome',
    async steps(page) {
      await page.evaluate(() => {
        const message = 'Nothing answers at relay.example.org. Check the address and your network.';
        harness.engine.world.failing.set('relay.check', { code: 'relay_unreachable', message });
      });
      await page.getByLabel('Relay address').fill('relay.example.org');
      await page.getByText('Nothing answers').waitFor();
    },
  },
  revoked: { scene: 'revoked', steps: (page) => page.getByRole('button', { name: 'Log in' }).waitFor() },
  empty: { scene: 'empty' },
  list: { scene: 'everyday' },
  chat: { scene: 'everyday', steps: (page) => openChat(page, /Anna Weber/) },
  states: { scene: 'states', steps: (page) => openChat(page, /Priya Raghunathan 2|Yael 2|Ó|2/) },
  unread: { scene: 'long', steps: (page) => openChat(page, /100 unread/) },
  typing: {
    scene: 'everyday',
    async steps(page) {
      await openChat(page, /Anna Weber/);
      await page.evaluate(() => {
        harness.engine.typing(harness.conversationIdOf(0), true);
        const fault = { code: 'relay_unreachable', message: 'x' };
        harness.engine.connect({ state: 'waiting', fault, retryAt: Date.now() + 12_400 });
      });
      await page
        .getByRole('textbox', { name: /Message to/ })
        .fill(
          'One line\nand another\nand a third that is quite a bit longer than the two before it, so that it wraps at least once on a small window',
        );
      await page.getByRole('article').last().hover();
      await page.getByRole('button', { name: 'Reply' }).click();
    },
  },
  search: {
    scene: 'everyday',
    async steps(page) {
      await page.getByRole('combobox').fill('an');
      await page.getByText('People on').waitFor();
    },
  },
  compact: {
    scene: 'everyday',
    settings: { density: 'compact' },
    steps: (page) => openChat(page, /Lea/),
  },
  scaled: { scene: 'everyday', settings: { textScale: 150 }, steps: (page) => openChat(page, /Anna Weber/) },
  many: { scene: 'many', steps: (page) => page.getByRole('option').first().waitFor() },
  details: {
    scene: 'everyday',
    async steps(page) {
      await openChat(page, /Anna Weber/);
      await page.getByRole('button', { name: 'Details', exact: true }).click();
    },
  },
  settings: { scene: 'everyday', steps: (page) => page.getByRole('button', { name: /^Settings/ }).click() },
  devices: {
    scene: 'everyday',
    async steps(page) {
      await page.getByRole('button', { name: /^Settings/ }).click();
      await page.getByRole('tab', { name: 'Password and devices' }).click();
    },
  },
  computer: {
    scene: 'everyday',
    async steps(page) {
      await page.getByRole('button', { name: /^Settings/ }).click();
      await page.getByRole('tab', { name: 'This computer' }).click();
    },
  },
};

const sizes = [
  { width: 900, height: 600 },
  { width: 1_600, height: 1_000 },
  { width: 700, height: 600 },
  { width: 480, height: 480 },
];

await mkdir(folder, { recursive: true });
const harness_ = await startHarness(executablePath);
for (const [name, { scene, settings, steps }] of Object.entries(shots)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const theme of ['light', 'dark'] as const) {
    for (const size of sizes) {
      const { page, complaints } = await openScene(harness_, { scene, ...size, settings: { theme, ...settings } });
      try {
        await steps?.(page);
      } catch (error) {
        complaints.push(String(error));
      }
      await page.waitForTimeout(700);
      await page.screenshot({ path: join(folder, `${name}-${size.width}-${theme}.png`) });
      if (complaints.length > 0) console.warn(name, size.width, theme, complaints);
      await page.context().close();
    }
  }
}
await harness_.close();
