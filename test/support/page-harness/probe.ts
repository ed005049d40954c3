/** Plays through the page's behaviours and measures it: `node probe.ts CHROMIUM`. Fails on the first thing that is wrong. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { startProbe } from './probe-play.ts';

const { play, close } = await startProbe();

async function open(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('option', { name }).first().click();
}

function distanceToEnd(page: Page): Promise<number> {
  return page.getByRole('log').evaluate((log) => log.scrollHeight - log.clientHeight - log.scrollTop);
}

await play('registering leads to an empty list', 'welcome', async ({ page }) => {
  await page.getByLabel('Relay address').fill('relay.example.org');
  await expect(page.getByTestId('relay-status')).toContainText('Hallway relay');
  await page.getByRole('textbox', { name: 'Username' }).fill('ab');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('textbox', { name: 'Username' })).toBeFocused();
  await expect(page.getByText('Use at least 3 characters.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Username' }).fill('mira');
  await page.getByRole('textbox', { name: 'Password' }).fill('long enough');
  await page.evaluate(() =>
    harness.engine.world.failing.set('session.register', {
      code: 'username_taken',
      message: 'Somebody has this name.',
    }),
  );
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText('Somebody has this name.')).toBeVisible();
  await page.evaluate(() => harness.engine.world.failing.clear());
  await page.getByRole('textbox', { name: 'Password' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Find people' })).toBeVisible();
});

await play('a message goes out, is read, and the list follows', 'everyday', async ({ page, composer, log }) => {
  await open(page, /Anna Weber/);
  await composer.fill('Hello there');
  await composer.press('Enter');
  await expect(composer).toHaveValue('');
  const sent = log.getByRole('article', { name: /^You/ }).filter({ hasText: 'Hello there' });
  await expect(sent).toHaveAccessibleName(/Read$/);
  await expect.poll(() => distanceToEnd(page)).toBeLessThan(2);
  await expect(page.getByRole('option').first()).toContainText('Hello there');
});

await play(
  'presence that the relay cannot find out is a hollow dot and says so, until it can',
  'everyday',
  async ({ page }) => {
    await open(page, /Anna Weber/);
    const row = page.getByRole('option', { name: /Anna Weber/ });
    const says = page.getByTestId('presence');
    await expect(row.getByTestId('online-dot')).toBeVisible();
    await page.evaluate(() => harness.engine.setPresenceUnclear(true));
    await expect(row.getByTestId('unclear-dot')).toBeVisible();
    await expect(row.getByTestId('online-dot')).toHaveCount(0);
    await expect(row).toHaveAccessibleName(/presence unknown/);
    await expect(says).toHaveText('presence unknown for now');
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().include('[role="listbox"]').analyze();
    expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
    await page.evaluate(() => harness.engine.setPresenceUnclear(false));
    await expect(row.getByTestId('online-dot')).toBeVisible();
    await expect(says).toHaveText('online');
  },
);

await play(
  'messages are found from the list, and what was found stays beside them',
  'everyday',
  async ({ page, log }) => {
    const field = page.getByRole('combobox');
    await field.fill('certificate');
    const hits = page.getByRole('option', { name: /certificate/ });
    await expect(page.getByText('Messages', { exact: true })).toBeVisible();
    await expect(hits.first().locator('mark')).toHaveText('certificate');
    await hits.first().click();
    await expect(log.getByRole('article').filter({ hasText: 'certificate' }).first()).toBeInViewport();
    await expect(field).toHaveValue('certificate');
    await expect(hits.first()).toBeVisible();
    await field.press('Escape');
    await expect(hits).toHaveCount(0);
    await expect(page.getByRole('option', { name: /Anna Weber/ })).toBeVisible();
  },
);

await play('Ctrl+F goes from match to match in the open conversation', 'long', async ({ page, log, composer }) => {
  await open(page, /100 unread/);
  await expect(composer).toBeFocused();
  await page.keyboard.press('Control+f');
  const field = page.getByRole('textbox', { name: 'Search in this conversation' });
  const count = page.getByRole('search').getByRole('status');
  await expect(field).toBeFocused();
  await field.fill('certificate');
  await expect(count).toContainText(/^1 of /);
  const found = log.getByRole('article').filter({ hasText: 'certificate' });
  await expect(found.last()).toBeInViewport();
  const first = await found.last().getAttribute('data-message');
  await field.press('Enter');
  await expect(count).toContainText(/^2 of /);
  await expect(log.locator('.highlighted')).not.toHaveAttribute('data-message', first ?? '');
  await expect(log.locator('.highlighted')).toContainText('certificate');
  await field.press('Shift+Enter');
  await expect(log.locator('.highlighted')).toHaveAttribute('data-message', first ?? '');
  await field.fill('nowhere to be found');
  await expect(count).toHaveText('Nothing found');
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
  await field.press('Escape');
  await expect(field).toHaveCount(0);
  await expect(composer).toBeFocused();
});

await play('what could not be stored comes back into the field', 'everyday', async ({ page, composer }) => {
  await open(page, /Anna Weber/);
  await page.evaluate(() =>
    harness.engine.world.failing.set('messages.send', { code: 'storage_failed', message: 'The disk is full.' }),
  );
  await composer.fill('Precious words');
  await composer.press('Enter');
  await expect(page.getByText('Not sent: The disk is full.')).toBeVisible();
  await expect(composer).toHaveValue('Precious words');
});

await play('a draft survives switching and shows in the list', 'everyday', async ({ page, composer }) => {
  await open(page, /Anna Weber/);
  await composer.fill('half a thought');
  await open(page, /Lea/);
  await expect(composer).toHaveValue('');
  await expect(page.getByRole('option', { name: /Anna Weber/ })).toContainText('Draft: half a thought');
  await open(page, /Anna Weber/);
  await expect(composer).toHaveValue('half a thought');
});

await play('too long a text is counted and refused', 'everyday', async ({ page, composer }) => {
  await open(page, /Anna Weber/);
  await composer.fill('x'.repeat(16_400));
  await expect(page.getByText(/16,400 characters: 16 too many/)).toBeVisible();
  await composer.press('Enter');
  await expect(composer).toHaveValue('x'.repeat(16_400));
  await expect(page.getByRole('button', { name: 'Send' })).toBeDisabled();
});

await play('Shift+Enter breaks the line and the field grows to eight', 'everyday', async ({ page, composer }) => {
  await open(page, /Anna Weber/);
  const heights: number[] = [];
  for (let line = 0; line < 12; line++) {
    await composer.pressSequentially('line');
    heights.push((await composer.boundingBox())?.height ?? 0);
    await composer.press('Shift+Enter');
  }
  expect(heights[3]).toBeGreaterThan(heights[0] ?? 0);
  expect(heights[11]).toBe(heights[8]);
  await expect.poll(() => distanceToEnd(page)).toBeLessThan(2);
});

await play('new messages are followed at the end and counted above it', 'long', async ({ page, log }) => {
  await open(page, /Nguyễn Thị Minh Khai 2/);
  await expect.poll(() => distanceToEnd(page)).toBeLessThan(2);
  await page.evaluate(() => harness.engine.receive(harness.conversationIdOf(30), 'Fresh news'));
  await expect(log.getByText('Fresh news')).toBeInViewport();
  await expect.poll(() => distanceToEnd(page)).toBeLessThan(2);
  await log.hover();
  await page.mouse.wheel(0, -900);
  await expect.poll(() => distanceToEnd(page)).toBeGreaterThan(500);
  await page.waitForTimeout(300);
  const before = await log.evaluate((element) => element.scrollTop);
  await page.evaluate(() => {
    for (let n = 0; n < 5; n++) harness.engine.receive(harness.conversationIdOf(30), `More news ${n}`);
  });
  const jump = page.getByRole('button', { name: /Go to the newest message, 5 unread/ });
  await expect(jump).toBeVisible();
  expect(Math.abs((await log.evaluate((element) => element.scrollTop)) - before)).toBeLessThan(2);
  await jump.click();
  await expect.poll(() => distanceToEnd(page)).toBeLessThan(2);
  await expect
    .poll(() => page.evaluate(() => harness.engine.conversation(harness.conversationIdOf(30)).unread))
    .toBe(0);
});

await play('older pages come in without moving what is on screen', 'long', async ({ page, log }) => {
  await open(page, /Nguyễn Thị Minh Khai 2/);
  await log.hover();
  let jumps = 0;
  for (let turn = 0; turn < 30; turn++) {
    await page.mouse.wheel(0, -300);
    await page.waitForTimeout(30);
    const moved = await log.evaluate(async (element) => {
      const box = element.getBoundingClientRect();
      const row = [...element.querySelectorAll<HTMLElement>('[data-message]')].find(
        (one) => one.getBoundingClientRect().top > box.top + 100,
      );
      const id = row?.dataset['message'];
      const top = row?.getBoundingClientRect().top ?? 0;
      for (let frame = 0; frame < 4; frame++) await new Promise(requestAnimationFrame);
      const same = element.querySelector<HTMLElement>(`[data-message="${id ?? ''}"]`);
      return same ? Math.abs(same.getBoundingClientRect().top - top) : 999;
    });
    if (moved > 3) jumps += 1;
  }
  const pages = await page.evaluate(() => harness.engine.asked.filter(({ name }) => name === 'messages.page').length);
  expect(pages).toBeGreaterThan(2);
  expect(jumps).toBe(0);
});

await play('opens at the first unread and marks read only what was seen', 'long', async ({ page, log }) => {
  await open(page, /Bob from accounting 2/);
  await expect(page.getByRole('separator', { name: 'New messages' })).toBeInViewport();
  await page.waitForTimeout(500);
  const unread = await page.evaluate(() => harness.engine.conversation(harness.conversationIdOf(31)).unread);
  expect(unread).toBeGreaterThan(20);
  await expect(page.getByRole('button', { name: /unread/ })).toBeVisible();
  await log.hover();
  for (let turn = 0; turn < 60; turn++) {
    await page.mouse.wheel(0, 600);
    await page.waitForTimeout(20);
  }
  await expect
    .poll(() => page.evaluate(() => harness.engine.conversation(harness.conversationIdOf(31)).unread))
    .toBe(0);
});

await play('a quote leads to its original', 'long', async ({ page, composer, log }) => {
  await open(page, /Nguyễn Thị Minh Khai 2/);
  await page.evaluate(() => {
    const id = harness.conversationIdOf(30);
    const first = harness.engine.messagesOf(id)[40];
    const last = harness.engine.receive(id, 'x');
    const content = {
      kind: 'text' as const,
      text: 'About this',
      replyTo: first ? { id: first.id, sender: first.sender, excerpt: 'long ago', media: null, deleted: false } : null,
    };
    harness.engine.emit('messages.changed', {
      conversation: id,
      messages: [{ ...last, content }],
      removed: [],
      reload: false,
    });
  });
  await log.getByRole('button', { name: /long ago/ }).click();
  const target = await page.evaluate(() => harness.engine.messagesOf(harness.conversationIdOf(30))[40]?.id ?? '');
  await expect(page.locator(`[data-message="${target}"]`)).toBeInViewport();
  await page.getByRole('button', { name: 'Go to the newest message' }).click();
  await expect.poll(() => distanceToEnd(page)).toBeLessThan(2);
  await composer.fill('still here');
});

await play('a failed message says why and can be retried or deleted', 'states', async ({ page, log }) => {
  await open(page, /田中 美咲 2/);
  const failed = log.getByRole('group', { name: 'Not sent' });
  await expect(failed).toContainText('the relay is full');
  await failed.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await failed.getByRole('button', { name: 'Retry' }).click();
  await expect(failed).toHaveCount(0);
  await log.getByRole('button', { name: 'Show more' }).first().click();
  await expect(log.getByRole('article').first()).toContainText('1000: the quick brown fox');
});

await play(
  'the keyboard reaches list, conversation, messages and settings',
  'everyday',
  async ({ page, composer, log }) => {
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('combobox')).toBeFocused();
    await page.keyboard.type('lea');
    await page.keyboard.press('Enter');
    await expect(composer).toBeFocused();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lea');
    await page.keyboard.press('Control+2');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Jonas Lindqvist');
    await page.keyboard.press('Alt+ArrowUp');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Anna Weber');
    await expect(log.getByText('See you at 7')).toBeVisible();
    await expect(composer).toBeFocused();
    await page.keyboard.press('Shift+Tab');
    await expect(page.getByRole('button', { name: /^Attach/ })).toBeFocused();
    await page.keyboard.press('Shift+Tab');
    await expect(log.getByRole('article').last()).toBeFocused();
    await page.keyboard.press('ArrowUp');
    await expect(log.getByRole('toolbar')).toBeVisible();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('group', { name: 'Replying' })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('group', { name: 'Replying' })).toHaveCount(0);
    await page.keyboard.press('Control+,');
    await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await page.keyboard.press('Escape');
    await expect(page.getByText('Choose a conversation')).toBeVisible();
    await page.getByRole('listbox').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'End', 'Home', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Jonas Lindqvist');
  },
);

await play('a person found on the relay can be written to', 'everyday', async ({ page, composer }) => {
  await page.getByRole('combobox').fill('anna weber 4');
  await page.getByRole('option', { name: /anna.weber3/ }).click();
  await expect(page.getByText('Nothing said yet')).toBeVisible();
  await composer.fill('Hi');
  await composer.press('Enter');
  await expect(page.getByRole('log').getByText('Hi')).toBeVisible();
  await expect(page.getByRole('combobox')).toHaveValue('');
});

await play('a restart of the engine goes by unnoticed', 'everyday', async ({ page, composer, log }) => {
  await open(page, /Anna Weber/);
  await composer.fill('kept');
  await page.evaluate(() => harness.crash());
  await page.waitForTimeout(300);
  await page.evaluate(() => harness.engine.receive(harness.conversationIdOf(0), 'After the restart'));
  await expect(log.getByText('After the restart')).toBeInViewport();
  await expect(composer).toHaveValue('kept');
});

await play(
  'without a bridge the page says what to do',
  'everyday',
  async ({ page }) => {
    await expect(page.getByRole('heading', { name: 'Parley can’t start' })).toBeVisible({ timeout: 20_000 });
  },
  { query: '&bridge=dead' },
);

await play(
  'a narrow window takes turns',
  'everyday',
  async ({ page }) => {
    await open(page, /Anna Weber/);
    await expect(page.getByRole('listbox')).toHaveCount(0);
    await page.getByRole('button', { name: 'Back to conversations' }).click();
    await expect(page.getByRole('listbox')).toBeVisible();
  },
  { width: 480, height: 480 },
);

await play('the list can be made wider by keyboard and pointer', 'everyday', async ({ page }) => {
  const edge = page.getByRole('separator', { name: 'Width of the list' });
  await edge.focus();
  await page.keyboard.press('ArrowRight');
  await expect(edge).toHaveAttribute('aria-valuenow', '328');
  const box = await edge.boundingBox();
  await page.mouse.move((box?.x ?? 0) + 4, 300);
  await page.mouse.down();
  await page.mouse.move(290, 300, { steps: 4 });
  await page.mouse.up();
  await expect(edge).toHaveAttribute('aria-valuenow', '290');
  await expect.poll(() => page.evaluate(() => harness.shell.settings.listWidth)).toBe(290);
});

await play('being logged out from afar says why and keeps what waits', 'everyday', async ({ page, composer }) => {
  await open(page, /Anna Weber/);
  await composer.fill('unsent');
  await page.evaluate(() => harness.engine.signOut('revoked', 2));
  await expect(page.getByRole('heading', { name: 'This device was logged out' })).toBeVisible();
  await expect(page.getByText('2 waiting messages')).toBeVisible();
  await expect(page.getByLabel('Relay address')).toHaveValue('https://relay.example.org');
});

await play(
  'transfers are watched, paused and cleared by keys, and lead to their messages',
  'files',
  async ({ page }) => {
    const button = page.getByRole('button', { name: /^Transfers/ });
    const panel = page.getByRole('dialog', { name: 'Transfers' });
    await expect(button).toHaveAccessibleName('Transfers, 4 on the way, something did not get through');
    await expect(page.getByTestId('transfer-ring')).toBeVisible();
    await page.keyboard.press('Control+j');
    await expect(panel).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await expect(panel.getByRole('button', { name: /^concert/ })).toBeFocused();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect(panel.getByRole('button', { name: /^Go on: concert/ })).toBeVisible();
    await panel.getByRole('button', { name: 'Pause all' }).click();
    await panel.getByRole('button', { name: 'Go on with all' }).click();
    await expect(panel.getByRole('button', { name: /^Pause concert/ })).toBeVisible();
    await panel.getByRole('button', { name: 'Clear finished' }).click();
    await expect(panel.getByText('Minutes of the general assembly.pdf')).toHaveCount(0);
    await expect(button).toHaveAccessibleName(/^Transfers, \d on the way$/);
    await panel.getByRole('button', { name: /^concert/ }).click();
    await expect(panel).toBeHidden();
    const id = await page.evaluate(() => harness.engine.messagesOf(harness.conversationIdOf(0))[9]?.id ?? '');
    await expect(page.locator(`[data-message="${id}"]`)).toBeInViewport();
    await page.getByRole('button', { name: /^Transfers/ }).click();
    await page.keyboard.press('Escape');
    await expect(panel).toBeHidden();
    await expect(button).toBeFocused();
  },
);

await play('the gallery grows as it is scrolled, finds, and opens', 'files', async ({ page }) => {
  await open(page, /Anna Weber/);
  await page.getByRole('button', { name: 'Details', exact: true }).click();
  const details = page.getByRole('complementary', { name: 'Details' });
  const pictures = details.getByRole('button', { name: /^(Photo|Video)/ });
  await expect(pictures).toHaveCount(60);
  await details.getByRole('tab', { name: 'Photos and videos' }).focus();
  await details.hover();
  await page.mouse.wheel(0, 4_000);
  await expect.poll(() => pictures.count()).toBeGreaterThan(60);
  await page.keyboard.press('ArrowRight');
  await expect(details.getByRole('tab', { name: 'Voice' })).toBeFocused();
  await expect(details.getByRole('button', { name: /^Play voice message/ })).toHaveCount(9);
  await page.keyboard.press('ArrowRight');
  await details.getByRole('textbox', { name: 'Search names and captions' }).fill('minutes');
  await expect(details.getByRole('tabpanel').getByRole('listitem')).toHaveCount(1);
  await details.getByRole('tab', { name: 'Photos and videos' }).click();
  await details.getByRole('button', { name: 'Clear search' }).click();
  await pictures.first().click();
  await expect(page.getByRole('dialog')).toBeVisible();
});

await play('settings for files are kept, and space is freed after a question', 'files', async ({ page }) => {
  await page.getByRole('button', { name: /^Settings/ }).click();
  await page.getByRole('tab', { name: 'Files and storage' }).click();
  await page.getByRole('combobox', { name: 'Videos' }).selectOption({ label: 'Never' });
  await page.getByRole('radio', { name: 'Always through the relay' }).check();
  await expect
    .poll(() => page.evaluate(() => harness.engine.media.settings))
    .toMatchObject({ path: 'relay', autoDownload: { video: 0, voice: 20_000_000 } });
  await page.getByRole('button', { name: 'Free space: Anna Weber' }).click();
  await page.getByRole('button', { name: /^Free up to/ }).click();
  await expect(page.getByText(/^Freed 2\.8/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Free space: Anna Weber' })).toHaveCount(0);
});

await play('what settings and details show is asked for once', 'files', async ({ page }) => {
  await open(page, /Anna Weber/);
  await page.getByRole('button', { name: 'Details', exact: true }).click();
  await page
    .getByRole('button', { name: /^Photo/ })
    .first()
    .waitFor();
  await page.getByRole('button', { name: /^Settings/ }).click();
  for (const tab of ['Password and devices', 'Files and storage']) {
    await page.getByRole('tab', { name: tab }).click();
    await page.waitForTimeout(200);
  }
  const asked = await page.evaluate(() => harness.engine.asked.map(({ name }) => name));
  for (const name of ['media.list', 'devices.list', 'media.settings', 'storage.usage', 'transfers.list'])
    expect(asked.filter((one) => one === name)).toHaveLength(1);
});

for (const theme of ['light', 'dark'] as const) {
  const scan = async (page: Page): Promise<void> => {
    await page.waitForTimeout(500);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations.map(
        ({ id, impact, nodes }) =>
          `${impact} ${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary ?? ''}`).join(' | ')}`,
      ),
    ).toEqual([]);
  };
  const settings = { settings: { theme } };
  await play(
    `axe finds nothing in a conversation, ${theme}`,
    'states',
    async ({ page }) => {
      await open(page, /田中 美咲 2/);
      await page.getByRole('button', { name: 'Details', exact: true }).click();
      await page.evaluate(() => {
        harness.engine.connect({
          state: 'waiting',
          fault: { code: 'relay_unreachable', message: '' },
          retryAt: Date.now() + 30_000,
        });
      });
      await scan(page);
      await open(page, /Anna Weber/);
      await scan(page);
    },
    settings,
  );
  await play(
    `axe finds nothing in transfers and gallery, ${theme}`,
    'files',
    async ({ page }) => {
      await page.keyboard.press('Control+j');
      await scan(page);
      await page.keyboard.press('Escape');
      await open(page, /Anna Weber/);
      await page.getByRole('button', { name: 'Details', exact: true }).click();
      for (const tab of ['Photos and videos', 'Voice', 'Files']) {
        await page.getByRole('tab', { name: tab }).click();
        await scan(page);
      }
    },
    settings,
  );
  await play(
    `axe finds nothing on the first screen, ${theme}`,
    'welcome',
    async ({ page }) => {
      await page.getByLabel('Relay address').fill('relay.example.org');
      await page.getByRole('textbox', { name: 'Username' }).fill('x y');
      await page.getByRole('textbox', { name: 'Password' }).fill('short');
      await scan(page);
    },
    settings,
  );
  await play(
    `axe finds nothing in search and settings, ${theme}`,
    'everyday',
    async ({ page }) => {
      await page.getByRole('combobox').fill('an');
      await scan(page);
      await page.getByRole('button', { name: /^Settings/ }).click();
      for (const tab of [
        'Profile',
        'Password and devices',
        'Appearance',
        'Notifications',
        'Files and storage',
        'This computer',
        'About',
      ]) {
        await page.getByRole('tab', { name: tab }).click();
        await scan(page);
      }
      await page.getByRole('tab', { name: 'Profile' }).click();
      await page.getByRole('button', { name: 'Log out' }).click();
      await scan(page);
    },
    settings,
  );
}

await play('measures: switching and scrolling', 'long', async ({ page, log }) => {
  await page.getByRole('option').nth(6).waitFor();
  const times = await page.evaluate(async () => {
    const found: number[] = [];
    const options = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('[role=option]')];
    for (let turn = 0; turn < 12; turn++) {
      const option = options()[turn % 6];
      const name = option?.querySelector('.name')?.textContent ?? '';
      const at = performance.now();
      option?.click();
      const done = (): boolean =>
        document.querySelector('h1')?.textContent === name && document.querySelector('.scroller.settled') !== null;
      while (!done()) await new Promise(requestAnimationFrame);
      found.push(performance.now() - at);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    return found.sort((a, b) => a - b);
  });
  console.info('switch ms: median', times[6]?.toFixed(0), 'worst', times.at(-1)?.toFixed(0));
  await open(page, /Nguyễn Thị Minh Khai 2/);
  await log.hover();
  const frames = page.evaluate(async () => {
    const gaps: number[] = [];
    let last = performance.now();
    const until = last + 6_000;
    while (performance.now() < until) {
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      gaps.push(now - last);
      last = now;
    }
    return gaps.sort((a, b) => a - b);
  });
  for (let turn = 0; turn < 150; turn++) {
    await page.mouse.wheel(0, -500);
    await page.waitForTimeout(25);
  }
  const gaps = await frames;
  const at = (share: number): string => (gaps[Math.floor(gaps.length * share)] ?? 0).toFixed(1);
  console.info(
    'frames',
    gaps.length,
    'p50',
    at(0.5),
    'p95',
    at(0.95),
    'p99',
    at(0.99),
    'worst',
    gaps.at(-1)?.toFixed(0),
  );
  const rows = await page.evaluate(() => document.querySelectorAll('[data-message]').length);
  const pages = await page.evaluate(() => harness.engine.asked.filter(({ name }) => name === 'messages.page').length);
  console.info('rows in the page', rows, 'pages asked', pages);
});

await close();
