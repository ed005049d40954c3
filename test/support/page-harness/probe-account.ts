/** Plays through what follows the account and all its data: `node probe-account.ts CHROMIUM [PART OF A TITLE]`. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Locator, type Page } from '@playwright/test';
import { startProbe } from './probe-play.ts';

const { play, close } = await startProbe();

function row(page: Page, name: RegExp): Locator {
  return page.getByRole('option', { name });
}

async function openDetails(page: Page, name: RegExp): Promise<void> {
  await row(page, name).first().click();
  await page.getByRole('button', { name: 'Details', exact: true }).click();
}

/** Three devices, as they are after a check. */
function inSync(page: Page, differing = false): Promise<void> {
  return page.evaluate((different) => {
    const now = Date.now();
    const id = harness.conversationIdOf(0);
    const { me, devices } = harness.engine.world;
    const state = different ? 'different' : 'same';
    const signed = devices.slice(0, 2).map(({ id: device, name, current }) => {
      return { device, person: me, name, current, state: 'same' as const, seq: 20, time: now - 60_000 };
    });
    const peer = { ...signed[1], device: harness.engine.world.devices[2]?.id, person: harness.personOf(0), name: null };
    harness.engine.account.sync(id, {
      ...{ state, seq: 20, head: 20, checkedAt: now, devices: [...signed, { ...peer, state, seq: 12 } as never] },
      problem: different
        ? {
            code: 'internal',
            message:
              'The relay answers with other messages than it confirmed. Ask its admin to run “parley-relay verify”.',
          }
        : null,
    });
  }, differing);
}

await play('keys alone pin a conversation and take the pin away', 'everyday', async ({ page }) => {
  await page.getByRole('listbox').focus();
  for (let step = 0; step < 4; step++) await page.keyboard.press('ArrowDown');
  const name = await page.locator('.option.active .name').innerText();
  await page.keyboard.press('Shift+F10');
  await expect(page.getByRole('menu')).toBeVisible();
  await expect(page.getByRole('menuitem', { name: 'Pin to top' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('option').first()).toContainText(name);
  await expect(page.getByRole('option').first()).toContainText('pinned');
  await expect(page.getByRole('listbox')).toBeFocused();
  await page.keyboard.press('Home');
  await page.keyboard.press('ContextMenu');
  await page.getByRole('menuitem', { name: 'Unpin' }).press('Enter');
  await expect(page.getByRole('option').first()).toContainText('Anna Weber');
});

await play('a menu by the pointer mutes, shows until when, and marks as read', 'kept', async ({ page }) => {
  await row(page, /128 unread/).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Unmute' }).click();
  await expect(row(page, /128 unread/)).not.toContainText('muted');
  await row(page, /128 unread/).click({ button: 'right' });
  await page.getByRole('menuitem', { name: '8 hours' }).click();
  await expect(row(page, /128 unread/)).toContainText('muted');
  await row(page, /128 unread/).click({ button: 'right' });
  await expect(page.getByRole('menuitem', { name: /^Unmute until/ })).toBeVisible();
  await page.getByRole('menuitem', { name: 'Mark as read' }).click();
  await expect(row(page, /128 unread/)).toHaveCount(0);
});

await play('pinned ones lead the list through all of its pages', 'many', async ({ page }) => {
  const pinned = [2_900, 5, 1_400];
  await page.evaluate((indexes) => {
    for (const index of indexes) harness.engine.change(harness.conversationIdOf(index), { pinnedAt: 5_000 + index });
  }, pinned);
  await page.evaluate(() => harness.crash());
  const names = await page.evaluate(() => [2_900, 1_400, 5].map((index) => harness.personOf(index).displayName));
  for (const [at, name] of names.entries()) await expect(page.getByRole('option').nth(at)).toContainText(name);
  await expect(page.getByRole('option').nth(3)).toHaveAttribute('aria-setsize', '3000');
});

await play(
  'notes to self are offered, opened by keys, and then stand in the list',
  'everyday',
  async ({ page, composer }) => {
    await expect(row(page, /Notes to self/)).toHaveCount(0);
    await page.keyboard.press('Control+n');
    await expect(page.getByRole('option').first()).toContainText('Notes to self');
    await page.keyboard.type('notes');
    await expect(row(page, /Notes to self/)).toHaveAttribute('id', 'option-notes');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Notes to self' })).toBeAttached();
    await composer.fill('Buy a longer rope');
    await composer.press('Enter');
    await expect(row(page, /Notes to self/)).toContainText('Buy a longer rope');
    await page.keyboard.press('Control+n');
    await page.keyboard.type('notes');
    await expect(row(page, /Notes to self/)).toHaveCount(1);
  },
);

await play('a row clicked while the search is open is the row that opens', 'everyday', async ({ page }) => {
  await page.keyboard.press('Control+n');
  await expect(page.getByRole('option').first()).toContainText('Notes to self');
  await row(page, /Anna Weber/).click();
  await expect(page.getByRole('log', { name: /Anna Weber/ })).toBeVisible();
  await expect(row(page, /Notes to self/)).toHaveCount(0);
  await page.evaluate(() => harness.engine.signOut('erased'));
  await page.getByLabel('Password', { exact: true }).fill('x');
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await expect(page.getByRole('listbox', { name: 'Conversations' })).toBeVisible();
});

await play('being the same is one quiet line, a difference is said at once', 'everyday', async ({ page }) => {
  await openDetails(page, /Anna Weber/);
  await expect(page.getByTestId('sync-headline')).toHaveText('Not checked yet');
  await inSync(page);
  await expect(page.getByTestId('sync-headline')).toHaveText(/^\s*In sync on 3 of 3 devices\s+Checked \d\d:\d\d\s*$/);
  await expect(page.getByText('mira-laptop')).toBeHidden();
  await page.getByRole('button', { name: /In sync on 3/ }).press('Enter');
  await expect(page.getByText('mira-laptop')).toBeVisible();
  await page.evaluate(() => harness.engine.receive(harness.conversationIdOf(0), 'Still there?'));
  await expect(page.getByText('mira-laptop')).toBeVisible();
  await page.getByRole('button', { name: 'Check now' }).click();
  await expect(page.getByTestId('sync-headline')).toHaveText(/^Comparing/);
  await page.evaluate(() => {
    harness.engine.account.sync(harness.conversationIdOf(0), {
      state: 'repairing',
      repair: { done: 12, total: 256, at: Date.now() },
    });
  });
  await expect(page.getByTestId('sync-headline')).toHaveText('Mending: 12 of 256 messages');
  await expect(page.getByRole('progressbar', { name: 'Mending' })).toBeVisible();
  await page.getByRole('button', { name: 'Close details' }).click();
  await inSync(page, true);
  await page.getByRole('button', { name: /^Not the same on all devices/ }).press('Enter');
  await expect(page.getByRole('alert')).toContainText('Ask its admin to run');
  await expect(page.getByText(/^Differs, today/)).toBeVisible();
});

const stranger = {
  name: 'Pixel of somebody',
  platform: 'win32',
  createdAt: Date.now() - 60_000,
  lastActiveAt: Date.now(),
  current: false,
};

function appear(page: Page, id: string, name = stranger.name): Promise<void> {
  const device = { ...stranger, id, name };
  return page.evaluate((one) => {
    harness.engine.world.devices.push(one as never);
    harness.engine.account.appear(one as never);
  }, device);
}

await play('a new device is told of until somebody answers', 'everyday', async ({ page }) => {
  await appear(page, '01900009-0000-7000-8000-000000000077');
  const notice = page.getByRole('alert');
  await expect(notice).toContainText('New device: Pixel of somebody (Windows), today at');
  await page.keyboard.press('Escape');
  await page.evaluate(() => harness.crash());
  await expect(notice).toBeVisible();
  await notice.getByRole('button', { name: 'It was me' }).click();
  await expect(notice).toHaveCount(0);
});

await play('a new device that is nobody’s is logged out, and the password comes next', 'everyday', async ({ page }) => {
  await appear(page, '01900009-0000-7000-8000-000000000077');
  await page.getByRole('button', { name: 'End its session…' }).click();
  const question = page.getByRole('dialog', { name: 'Log out this device?' });
  await expect(question).toContainText('It erases the history, drafts and files');
  await question.getByRole('button', { name: 'Log out and erase' }).click();
  await expect(page.getByRole('tab', { name: 'Password and devices' })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('dialog', { name: 'Settings' })).not.toContainText('Pixel of somebody');
  await expect(page.getByRole('alert')).toHaveCount(0);
});

await play('several new devices lead to the list of devices', 'everyday', async ({ page }) => {
  await appear(page, '01900009-0000-7000-8000-000000000077');
  await appear(page, '01900009-0000-7000-8000-000000000078', 'Another one');
  await expect(page.getByRole('alert')).toContainText(
    '2 new devices: Pixel of somebody (Windows), Another one (Windows)',
  );
  await page.getByRole('button', { name: 'Look at devices' }).click();
  await expect(page.getByRole('dialog', { name: 'Settings' }).getByText('Pixel of somebody')).toBeVisible();
});

async function openData(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: /^Settings/ }).click();
  await page.getByRole('tab', { name: 'Your data' }).click();
  return page.getByRole('tabpanel');
}

await play('a backup wants its passphrase twice and long enough', 'everyday', async ({ page }) => {
  const panel = await openData(page);
  await panel.getByRole('button', { name: 'Make a backup…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Encrypted backup' });
  await dialog.getByLabel('Passphrase', { exact: true }).fill('short');
  await dialog.getByRole('button', { name: 'Choose where to save…' }).click();
  await expect(dialog).toContainText('Use at least 8 characters.');
  await dialog.getByLabel('Passphrase', { exact: true }).fill('four words in a row');
  await dialog.getByLabel('Passphrase again').fill('four words in a roe');
  await dialog.getByRole('button', { name: 'Choose where to save…' }).click();
  await expect(dialog).toContainText('This is not the same as above.');
  await dialog.getByLabel('Passphrase again').fill('four words in a row');
  await dialog.getByLabel('Passphrase again').press('Enter');
  await expect(dialog).toHaveCount(0);
  expect(await page.evaluate(() => harness.shell.data)).toEqual([
    { name: 'data.backup', input: { passphrase: 'four words in a row' } },
  ]);
});

await play('a job shows how far it is, can be cancelled, and says what came of it', 'everyday', async ({ page }) => {
  const panel = await openData(page);
  await panel.getByRole('button', { name: 'Export…' }).click();
  await page.evaluate(() => harness.engine.account.job({ job: 'export', done: 45, total: 100 }));
  await expect(panel.getByTestId('data-job')).toContainText('45 %');
  await expect(panel.getByRole('button', { name: 'Import…' })).toBeDisabled();
  await panel.getByRole('button', { name: 'Cancel' }).click();
  await expect(panel.getByTestId('data-job')).toContainText('The export was cancelled. Nothing of it is left.');
  await page.evaluate(() => {
    const result = { messages: 12_345, files: 1, missingFiles: 2, leftOut: 0 };
    harness.engine.account.job({ state: 'done', result });
  });
  await expect(panel.getByTestId('data-job')).toContainText(
    'Exported 12,345 messages and one file. 2 files are not on',
  );
  await panel.getByRole('button', { name: 'Dismiss' }).click();
  await expect(panel.getByTestId('data-job')).toHaveCount(0);
});

await play('a backup is restored from the welcome screen', 'welcome', async ({ page }) => {
  await page.getByRole('button', { name: 'Restore a backup…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Restore a backup' });
  await dialog.getByLabel('Passphrase of the backup').fill('four words in a row');
  await dialog.getByRole('button', { name: 'Choose the backup…' }).click();
  await expect(dialog).toHaveCount(0);
  await page.evaluate(() => {
    const failure = { code: 'wrong_credentials', message: 'The passphrase does not fit this backup.' };
    harness.engine.account.job({ job: 'restore', state: 'failed', failure });
  });
  await expect(page.getByRole('alert')).toHaveText(/^The backup was not restored. The passphrase does not fit/);
  await page.evaluate(() => {
    const result = { messages: 3, files: 0, missingFiles: 0, leftOut: 0 };
    harness.engine.account.job({ state: 'done', failure: null, result });
  });
  await expect(page.getByText('Backup restored: 3 messages and 0 files.')).toBeVisible();
});

await play('catching up counts steadily over a cut of the connection', 'everyday', async ({ page }) => {
  const connect = (view: object): Promise<void> => page.evaluate((one) => harness.engine.connect(one as never), view);
  const banner = page.getByTestId('connection-banner');
  await connect({ state: 'syncing', received: 60_000, total: 100_000 });
  await expect(banner).toContainText('60,000 of 100,000');
  await connect({ state: 'connecting' });
  await connect({ state: 'syncing', received: 0, total: 40_050 });
  await expect(banner).toContainText('60,000 of 100,050');
  await row(page, /Lea/).first().click();
  await expect(page.getByRole('log')).toBeVisible();
  await connect({ state: 'online' });
  await expect(banner).toHaveCount(0);
});

for (const theme of ['light', 'dark'] as const) {
  await play(
    `axe finds nothing in what follows the account, ${theme}`,
    'kept',
    async ({ page }) => {
      await appear(page, '01900009-0000-7000-8000-000000000077');
      await openDetails(page, /Anna Weber/);
      await inSync(page, true);
      await scan(page);
      await row(page, /Lea/).first().click({ button: 'right' });
      await scan(page);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Mute…' }).click();
      await scan(page);
      await page.keyboard.press('Escape');
      const panel = await openData(page);
      await page.evaluate(() => harness.engine.account.job({ job: 'export', done: 45, total: 100 }));
      await scan(page);
      await page.evaluate(() =>
        harness.engine.account.job({ state: 'failed', failure: { code: 'internal', message: 'The disk is full.' } }),
      );
      await panel.getByRole('button', { name: 'Make a backup…' }).click();
      await scan(page);
    },
    { settings: { theme } },
  );
  await play(
    `axe finds nothing while a backup is restored, ${theme}`,
    'welcome',
    async ({ page }) => {
      await scan(page);
      await page.getByRole('button', { name: 'Restore a backup…' }).click();
      await scan(page);
    },
    { settings: { theme } },
  );
}

async function scan(page: Page): Promise<void> {
  await page.waitForTimeout(300);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' ')}`)).toEqual(
    [],
  );
}

await close();
