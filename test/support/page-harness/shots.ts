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

/** Scrolls through the messages from the first one until it is there; the list draws only what is near. */
async function reach(page: Page, name: string | RegExp): Promise<void> {
  const log = page.getByRole('log');
  const wanted = log.getByRole('article', { name }).first();
  // The list goes on to its end for a moment, against whoever scrolls then.
  await page.waitForTimeout(700);
  await log.evaluate((element) => (element.scrollTop = 0));
  await page.waitForTimeout(200);
  for (let turn = 0; turn < 90 && !(await wanted.isVisible()); turn++) {
    await log.evaluate((element) => (element.scrollTop += 300));
    await page.waitForTimeout(60);
  }
  await wanted.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await page.waitForTimeout(400);
}

async function openBubbles(page: Page, name: string | RegExp): Promise<void> {
  await openChat(page, /Anna Weber/);
  await reach(page, name);
}

async function fillAccount(page: Page): Promise<void> {
  await page.getByLabel('Relay address').fill('relay.example.org');
  await page.getByRole('button', { name: 'Create account' }).waitFor();
  await page.getByRole('textbox', { name: 'Username' }).fill('mira okafor');
  await page.getByRole('textbox', { name: 'Name that others see' }).fill('Mira Okafor');
  await page.getByRole('textbox', { name: 'Password' }).fill('correct horse');
}

async function openTransfers(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Transfers/ }).click();
  await page.getByRole('dialog', { name: 'Transfers' }).waitFor();
}

async function openGallery(page: Page, tab: string): Promise<void> {
  await openChat(page, /Anna Weber/);
  await page.getByRole('button', { name: 'Details', exact: true }).click();
  await page.getByRole('tab', { name: tab }).click();
}

async function openFileSettings(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Settings/ }).click();
  await page.getByRole('tab', { name: 'Files and storage' }).click();
  await page.getByText('taken by files').waitFor();
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
  previews: { scene: 'files', steps: (page) => page.getByRole('option').first().waitFor() },
  transfers: { scene: 'files', steps: openTransfers },
  'transfers-finished': {
    scene: 'files',
    async steps(page) {
      await openTransfers(page);
      await page.getByRole('heading', { name: 'Finished' }).scrollIntoViewIfNeeded();
    },
  },
  'transfers-none': { scene: 'everyday', steps: openTransfers },
  gallery: { scene: 'files', steps: (page) => openGallery(page, 'Photos and videos') },
  'gallery-voice': { scene: 'files', steps: (page) => openGallery(page, 'Voice') },
  'gallery-files': { scene: 'files', steps: (page) => openGallery(page, 'Files') },
  'gallery-search': {
    scene: 'files',
    async steps(page) {
      await openGallery(page, 'Photos and videos');
      await page.getByRole('textbox', { name: 'Search names and captions' }).fill('nowhere');
      await page.getByText('Nothing found').waitFor();
    },
  },
  storage: { scene: 'files', steps: openFileSettings },
  'storage-list': {
    scene: 'files',
    async steps(page) {
      await openFileSettings(page);
      await page
        .getByRole('button', { name: /^Free space/ })
        .last()
        .scrollIntoViewIfNeeded();
    },
  },
  'storage-free': {
    scene: 'files',
    async steps(page) {
      await openFileSettings(page);
      await page.getByRole('button', { name: /^Free space: Dr/ }).click();
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
  pictures: { scene: 'bubbles', steps: (page) => openBubbles(page, /Photo/) },
  film: {
    scene: 'bubbles',
    async steps(page) {
      await openBubbles(page, /Anna Weber, Video/);
      await page
        .getByRole('button', { name: /^Video 0:03/ })
        .first()
        .click();
      await page.waitForTimeout(5_500);
      await page.getByRole('slider', { name: 'Position' }).hover();
    },
  },
  voice: {
    scene: 'bubbles',
    async steps(page) {
      await openBubbles(page, /Anna Weber, Voice/);
      await page
        .getByRole('button', { name: /^Play voice/ })
        .first()
        .click();
      await page.waitForTimeout(1_200);
    },
  },
  dangerous: {
    scene: 'bubbles',
    async steps(page) {
      await openBubbles(page, /setup-parley/);
      await page.getByRole('button', { name: /^Open setup-parley/ }).click();
    },
  },
  viewer: {
    scene: 'bubbles',
    async steps(page) {
      await openBubbles(page, /Anna Weber, Photo/);
      await page.getByRole('button', { name: 'Photo', exact: true }).nth(1).click();
      await page.waitForTimeout(500);
      await page.keyboard.press('ArrowRight');
    },
  },
  zoomed: {
    scene: 'bubbles',
    async steps(page) {
      await openBubbles(page, /Anna Weber, Photo/);
      await page.getByRole('button', { name: 'Photo', exact: true }).first().click();
      await page.waitForTimeout(700);
      await page.keyboard.press('+');
      await page.keyboard.press('+');
      await page.keyboard.press('ArrowUp');
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
      await page.context().unrouteAll({ behavior: 'ignoreErrors' });
      await page.context().close();
    }
  }
}
await harness_.close();
