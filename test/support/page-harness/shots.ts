/** Takes pictures of every screen in every size and theme: `node shots.ts CHROMIUM FOLDER [NAME… | WIDTH-THEME…]`. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { openScene, startHarness } from './harness-browser.ts';
import type { Settings } from '../../../bridge/shell-contract.ts';
import type { SceneName } from './scenes.ts';

const [executablePath = '', folder = '', ...asked] = process.argv.slice(2);
const isLook = (word: string): boolean => /^\d+-(light|dark)$/.test(word);
const wanted = asked.filter((word) => !isLook(word));
/** Such as `900-light`; none: all of them. */
const looks = asked.filter(isLook);

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

/** The menu of the last own message. */
async function openMessageMenu(page: Page): Promise<void> {
  await openChat(page, /Anna Weber/);
  const own = page.getByRole('article', { name: /^You/ }).last();
  await own.locator('.bubble').click({ button: 'right' });
  await page.getByRole('menu').waitFor();
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

/** Details of a conversation that three devices hold, as a check left them. */
async function openSync(page: Page, different: boolean): Promise<void> {
  await openChat(page, /Anna Weber/);
  await page.evaluate((differs) => {
    const now = Date.now();
    const { me, devices } = harness.engine.world;
    const signed = devices.map(({ id: device, name, current }, at) => {
      const own = { device, person: at < 2 ? me : harness.personOf(0), name: at < 2 ? name : null, current };
      const state = differs && at === 2 ? ('different' as const) : ('same' as const);
      return { ...own, state, seq: at === 1 ? 14 : 20, time: now - at * at * 7_600_000 };
    });
    harness.engine.account.sync(harness.conversationIdOf(0), {
      ...{ state: differs ? 'different' : 'same', seq: 20, head: 20, checkedAt: now, devices: signed },
      repair: differs ? null : { done: 3, total: 3, at: now },
      problem: differs
        ? {
            code: 'internal',
            message:
              'Message 14 is another one on the relay than here, and the relay’s own fingerprints do not fit it. Nothing here was changed. Ask the relay’s admin to check its database.',
          }
        : null,
    });
  }, different);
  await page.getByRole('button', { name: 'Details', exact: true }).click();
  if (!different) await page.getByRole('button', { name: /^In sync on/ }).click();
}

async function openData(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Settings/ }).click();
  await page.getByRole('tab', { name: 'Your data' }).click();
  await page.getByText('Last read through').waitFor();
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
  'older-coming': {
    scene: 'long',
    async steps(page) {
      await openChat(page, /100 unread/);
      await page.evaluate(() => (harness.engine.world.latencyMs = 600_000));
      await page.getByRole('log').evaluate((element) => (element.scrollTop = 0));
      await page.getByText('Fetching older messages').waitFor();
    },
  },
  'older-away': {
    scene: 'long',
    async steps(page) {
      await openChat(page, /100 unread/);
      await page.evaluate(() => {
        const message = 'Older messages are not on this computer yet. They come once the relay can be reached.';
        harness.engine.world.failing.set('messages.page', { code: 'relay_unreachable', message });
      });
      await page.getByRole('log').evaluate((element) => (element.scrollTop = 0));
      await page.getByText('Older messages are not').waitFor();
    },
  },
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
  'search-messages': {
    scene: 'everyday',
    async steps(page) {
      await page.getByRole('combobox').fill('relay');
      await page.getByText('Messages', { exact: true }).waitFor();
      await page
        .getByRole('option', { name: /Did you get the relay|whole operations/ })
        .first()
        .click();
      await page.getByRole('log').waitFor();
    },
  },
  find: {
    scene: 'everyday',
    async steps(page) {
      await openChat(page, /Anna Weber/);
      await page.getByRole('button', { name: 'Search in this conversation' }).click();
      await page.getByRole('textbox', { name: 'Search in this conversation' }).fill('the');
      await page.getByText(/^1 of/).waitFor();
    },
  },
  'find-nothing': {
    scene: 'everyday',
    settings: { textScale: 150 },
    async steps(page) {
      await openChat(page, /Anna Weber/);
      await page.keyboard.press('Control+f');
      await page.keyboard.type('nowhere');
      await page.getByText('Nothing found').waitFor();
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
  kept: {
    scene: 'kept',
    async steps(page) {
      await page.getByRole('option', { name: /Jonas/ }).first().click({ button: 'right' });
    },
  },
  'kept-compact': { scene: 'kept', settings: { density: 'compact' } },
  'notes-offered': {
    scene: 'everyday',
    async steps(page) {
      await page.getByRole('combobox').fill('note');
      await page.getByText('On all your devices').waitFor();
    },
  },
  same: { scene: 'everyday', steps: (page) => openSync(page, false) },
  different: { scene: 'everyday', steps: (page) => openSync(page, true) },
  'new-device': {
    scene: 'everyday',
    async steps(page) {
      await openChat(page, /Anna Weber/);
      await page.evaluate(() => {
        const [device] = harness.engine.world.devices.slice(1);
        if (device) harness.engine.account.appear({ ...device, createdAt: Date.now() - 120_000 });
      });
    },
  },
  revoke: {
    scene: 'everyday',
    async steps(page) {
      await page.getByRole('button', { name: /^Settings/ }).click();
      await page.getByRole('tab', { name: 'Password and devices' }).click();
      await page.getByRole('button', { name: 'Log out old macbook' }).click();
    },
  },
  data: { scene: 'everyday', steps: openData },
  'data-scaled': { scene: 'everyday', settings: { textScale: 200 }, steps: openData },
  'same-scaled': { scene: 'kept', settings: { textScale: 200 }, steps: (page) => openSync(page, true) },
  'data-running': {
    scene: 'everyday',
    async steps(page) {
      await openData(page);
      await page.evaluate(() => harness.engine.account.job({ job: 'backup', done: 45, total: 100 }));
    },
  },
  'data-done': {
    scene: 'everyday',
    async steps(page) {
      await openData(page);
      await page.evaluate(() => {
        const result = { messages: 12_345, files: 871, missingFiles: 14, leftOut: 0 };
        harness.engine.account.job({ job: 'export', state: 'done', result });
      });
    },
  },
  backup: {
    scene: 'everyday',
    async steps(page) {
      await openData(page);
      await page.getByRole('button', { name: 'Make a backup…' }).click();
      await page.getByLabel('Passphrase', { exact: true }).fill('a boat in the');
      await page.getByLabel('Passphrase again').fill('a boat');
      await page.getByRole('button', { name: 'Choose where to save…' }).click();
    },
  },
  restore: {
    scene: 'revoked',
    steps: (page) => page.getByRole('button', { name: 'Restore a backup…' }).click(),
  },
  restored: {
    scene: 'welcome',
    async steps(page) {
      await page.getByRole('button', { name: 'Restore a backup…' }).waitFor();
      await page.evaluate(() => {
        const result = { messages: 12_345, files: 871, missingFiles: 0, leftOut: 0 };
        harness.engine.account.job({ job: 'restore', state: 'done', result });
      });
    },
  },
  erased: {
    scene: 'everyday',
    steps: (page) => page.evaluate(() => harness.engine.signOut('erased')),
  },
  'catching-up': {
    scene: 'everyday',
    steps: (page) => page.evaluate(() => harness.engine.connect({ state: 'syncing', received: 1_234, total: 100_000 })),
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
  unclear: {
    scene: 'everyday',
    async steps(page) {
      await openChat(page, /Anna Weber/);
      await page.evaluate(() => harness.engine.setPresenceUnclear(true));
      await page.getByRole('button', { name: 'Details', exact: true }).click();
    },
  },
  changes: { scene: 'changes', steps: (page) => openChat(page, /Anna Weber/) },
  'changes-large': {
    scene: 'changes',
    settings: { textScale: 200 },
    steps: (page) => openChat(page, /Anna Weber/),
  },
  'changes-menu': { scene: 'changes', steps: (page) => openMessageMenu(page) },
  'changes-picker': {
    scene: 'changes',
    async steps(page) {
      await openMessageMenu(page);
      await page.getByRole('menuitem', { name: 'More reactions' }).click();
    },
  },
  'changes-edit': {
    scene: 'changes',
    settings: { density: 'compact' },
    async steps(page) {
      await openMessageMenu(page);
      await page.getByRole('menuitem', { name: 'Edit' }).click();
    },
  },
  'changes-delete': {
    scene: 'changes',
    async steps(page) {
      await openMessageMenu(page);
      await page.getByRole('menuitem', { name: 'Delete' }).click();
    },
  },
  'changes-tones': {
    scene: 'changes',
    async steps(page) {
      await openMessageMenu(page);
      await page.getByRole('menuitem', { name: 'More reactions' }).click();
      await page.getByRole('button', { name: 'People', exact: true }).click();
      await page.getByRole('button', { name: 'Skin tone' }).click();
      await page.getByRole('radio', { name: 'Medium', exact: true }).click();
      await page.getByRole('button', { name: 'Skin tone' }).click();
    },
  },
  'changes-failed': {
    scene: 'changes',
    async steps(page) {
      await openChat(page, /Anna Weber/);
      await page
        .getByRole('group', { name: 'Not changed' })
        .evaluate((note) => note.scrollIntoView({ block: 'center' }));
    },
  },
  preview: {
    scene: 'everyday',
    async steps(page) {
      await openChat(page, /Anna Weber/);
      const files = [
        'Minutes of the general assembly, with all attachments.pdf',
        'قائمة الأعضاء.xlsx',
        'setup-parley.exe',
      ];
      await page
        .getByTestId('choose-files')
        .setInputFiles(files.map((name) => ({ name, mimeType: '', buffer: Buffer.from(name) })));
      await page.getByRole('dialog', { name: /^Send / }).waitFor();
    },
  },
  recording: {
    scene: 'everyday',
    async steps(page) {
      await openChat(page, /Anna Weber/);
      await page.getByRole('button', { name: 'Record a voice message' }).click();
      await page.waitForTimeout(1_500);
    },
  },
  listening: {
    scene: 'everyday',
    async steps(page) {
      await openChat(page, /Anna Weber/);
      await page.getByRole('button', { name: 'Record a voice message' }).click();
      await page.waitForTimeout(1_500);
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('button', { name: 'Listen' }).waitFor();
    },
  },
  appearance: {
    scene: 'everyday',
    async steps(page) {
      await page.getByRole('button', { name: /^Settings/ }).click();
      await page.getByRole('tab', { name: 'Appearance' }).click();
    },
  },
  notifications: {
    scene: 'everyday',
    async steps(page) {
      await page.getByRole('button', { name: /^Settings/ }).click();
      await page.getByRole('tab', { name: 'Notifications' }).click();
    },
  },
  keyboard: {
    scene: 'everyday',
    async steps(page) {
      await openChat(page, /Anna Weber/);
      await page.keyboard.press('Control+/');
    },
  },
  about: {
    scene: 'everyday',
    async steps(page) {
      await page.getByRole('button', { name: /^Settings/ }).click();
      await page.getByRole('tab', { name: 'About' }).click();
    },
  },
  'logging-out': {
    scene: 'everyday',
    async steps(page) {
      await page.getByRole('button', { name: /^Settings/ }).click();
      await page.getByRole('button', { name: 'Log out…' }).click();
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
  { width: 1_280, height: 800 },
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
      if (looks.length > 0 && !looks.includes(`${size.width}-${theme}`)) continue;
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
