/** Plays through choosing, looking at and recording what is sent: `node probe-composing.ts CHROMIUM [PART OF A TITLE]`. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Locator, type Page } from '@playwright/test';
import { startProbe } from './probe-play.ts';

const { play, close } = await startProbe();
const secret = 'SECRET-LOCATION';

async function openChat(page: Page): Promise<void> {
  await page
    .getByRole('option', { name: /Anna Weber/ })
    .first()
    .click();
  await page.getByRole('log').waitFor();
}

/** A JPEG of 400 × 300, turned a quarter by its camera data, which name a place. */
async function photo(page: Page): Promise<Buffer> {
  const base64 = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 400, height: 300 });
    const context = canvas.getContext('2d');
    if (context) context.fillStyle = 'teal';
    context?.fillRect(0, 0, 400, 300);
    return canvas.toDataURL('image/jpeg', 0.9).split(',')[1] ?? '';
  });
  const jpeg = Buffer.from(base64, 'base64');
  const entries = Buffer.alloc(80);
  entries.write('MM\0*', 'latin1');
  entries.writeUInt32BE(8, 4);
  entries.writeUInt16BE(2, 8);
  // Orientation: turned a quarter to the right. Description: a text of its own.
  entries.set(Buffer.from('011200030000000100060000010e0002000000100000002600000000', 'hex'), 10);
  entries.write(secret, 38, 'latin1');
  const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), entries]);
  const mark = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), mark, exif, jpeg.subarray(2)]);
}

async function choose(page: Page, ...files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<Locator> {
  await page.getByTestId('choose-files').setInputFiles(files);
  const dialog = page.getByRole('dialog', { name: /^Send / });
  await dialog.waitFor();
  await expect(dialog).not.toContainText(/Reading|Resizing/);
  return dialog;
}

function text(name: string): { name: string; mimeType: string; buffer: Buffer } {
  return { name, mimeType: 'text/plain', buffer: Buffer.from(name) };
}

/** What the engine was given, with bytes as text. */
function given(page: Page, command: string): Promise<string[]> {
  return page.evaluate((name) => {
    const plain = (_key: string, value: unknown): unknown =>
      value instanceof Uint8Array ? new TextDecoder('latin1').decode(value) : value;
    return harness.engine.asked.filter((one) => one.name === name).map(({ input }) => JSON.stringify(input, plain));
  }, command);
}

function dropFiles(page: Page, type: string, name: string): Promise<void> {
  return page.evaluate(
    ([kind = '', file = '']) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['dropped'], file));
      const event = { bubbles: true, cancelable: true };
      const made =
        kind === 'paste'
          ? new ClipboardEvent(kind, { ...event, clipboardData: dataTransfer })
          : new DragEvent(kind, { ...event, dataTransfer });
      document.querySelector('main')?.dispatchEvent(made);
    },
    [type, name],
  );
}

await play('a standard picture is upright and without camera data', 'everyday', async ({ page, composer }) => {
  await openChat(page);
  const dialog = await choose(page, { name: 'turned.jpg', mimeType: 'image/jpeg', buffer: await photo(page) });
  await expect(dialog).toContainText('300 × 400');
  await expect(dialog.getByRole('textbox', { name: 'Caption' })).toBeFocused();
  await page.keyboard.type('From the hill');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  const [staged = ''] = await given(page, 'media.stage');
  expect(staged.length).toBeGreaterThan(100);
  expect(staged).not.toContain(secret);
  const [sent = ''] = await given(page, 'media.send');
  expect(sent).toContain('"width":300,"height":400');
  expect(sent).toContain('From the hill');
  expect(sent).toContain('WEBP');
  expect(sent).not.toContain(secret);
  await expect(composer).toHaveValue('');
});

await play('an original picture is the very file, and the choice is remembered', 'everyday', async ({ page }) => {
  await openChat(page);
  const file = { name: 'turned.jpg', mimeType: 'image/jpeg', buffer: await photo(page) };
  const dialog = await choose(page, file);
  await dialog.getByRole('radio', { name: 'Original' }).check({ force: true });
  await expect(dialog).toContainText('keeps camera data and location');
  await dialog.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(dialog).toBeHidden();
  expect((await given(page, 'media.stage'))[0]).toContain(secret);
  await expect((await choose(page, file)).getByRole('radio', { name: 'Original' })).toBeChecked();
});

await play('what claims to be more than it is goes as a file', 'everyday', async ({ page }) => {
  await openChat(page);
  const svg = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>',
  );
  const dialog = await choose(
    page,
    { name: 'broken.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') },
    { name: 'broken.mp4', mimeType: 'video/mp4', buffer: Buffer.from('no film') },
    { name: 'broken.mp3', mimeType: 'audio/mpeg', buffer: Buffer.from('no sound') },
    { name: 'drawing.svg', mimeType: 'image/svg+xml', buffer: svg },
  );
  await dialog.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(dialog).toBeHidden();
  const [sent = ''] = await given(page, 'media.send');
  expect(sent.match(/"kind":"file"/g)).toHaveLength(4);
});

await play('files are put in order by keys and by dragging', 'everyday', async ({ page }) => {
  await openChat(page);
  const dialog = await choose(page, text('a.txt'), text('b.txt'), text('c.txt'));
  const rows = dialog.getByRole('listitem');
  await dialog.getByRole('button', { name: /^Move c\.txt/ }).focus();
  await page.keyboard.press('ArrowUp');
  await expect(rows).toContainText(['a.txt', 'c.txt', 'b.txt']);
  await expect(dialog.getByRole('button', { name: /^Move c\.txt, number 2 of 3/ })).toBeFocused();
  await dialog.getByRole('button', { name: /^Move a\.txt/ }).hover();
  await page.mouse.down();
  const last = await rows.nth(2).boundingBox();
  await page.mouse.move(last?.x ?? 0, (last?.y ?? 0) + 20, { steps: 8 });
  await page.mouse.up();
  await expect(rows).toContainText(['c.txt', 'b.txt', 'a.txt']);
  await dialog.getByRole('button', { name: 'Remove b.txt' }).click();
  await expect(rows).toHaveCount(2);
});

await play(
  'dropping and pasting open the preview, and Escape asks before work is lost',
  'everyday',
  async ({ page }) => {
    await openChat(page);
    await dropFiles(page, 'dragenter', 'a.txt');
    await expect(page.getByText('Drop files to send them to')).toBeVisible();
    await dropFiles(page, 'drop', 'a.txt');
    await expect(page.getByText('Drop files to send them to')).toBeHidden();
    await expect(page.getByRole('dialog', { name: 'Send a file' })).toContainText('a.txt');
    await dropFiles(page, 'paste', 'b.txt');
    const dialog = page.getByRole('dialog', { name: 'Send 2 files' });
    await expect(dialog).toContainText('b.txt');
    await page.keyboard.type('Words');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect(dialog).toBeVisible();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Discard', exact: true }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('textbox', { name: /^Message to/ })).toHaveValue('Words');
  },
);

await play('a fault before sending keeps the dialog and all in it', 'everyday', async ({ page }) => {
  await openChat(page);
  const dialog = await choose(page, text('a.txt'));
  await page.evaluate(() =>
    harness.engine.world.failing.set('media.send', { code: 'storage_failed', message: 'The disk is full.' }),
  );
  await dialog.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(dialog.getByRole('alert')).toHaveText('Not sent: The disk is full.');
  await expect(dialog).toContainText('a.txt');
  expect(await given(page, 'media.unstage')).toHaveLength(1);
});

await play('a voice message is made of two takes that play as one', 'everyday', async ({ page, composer }) => {
  await openChat(page);
  await page.getByRole('button', { name: 'Record a voice message' }).focus();
  await page.keyboard.press('Enter');
  const bar = page.getByRole('group', { name: 'Voice message', exact: true });
  await expect(bar.getByRole('timer')).toHaveText('0:02', { timeout: 10_000 });
  await bar.getByRole('button', { name: 'Pause' }).click();
  await bar.getByRole('button', { name: 'Go on recording' }).click();
  await expect(bar.getByRole('timer')).toHaveText('0:03', { timeout: 10_000 });
  await bar.getByRole('button', { name: 'Pause' }).click();
  await expect(bar.getByRole('slider')).toBeVisible();
  const seconds = await page.evaluate(async () => {
    const audio = document.querySelector('audio');
    if (!audio) return 0;
    audio.currentTime = audio.duration - 0.6;
    await new Promise((resolve) => audio.addEventListener('seeked', resolve, { once: true }));
    return audio.duration;
  });
  expect(seconds).toBeGreaterThan(2.5);
  await bar.getByRole('button', { name: 'Listen' }).click();
  await bar.getByRole('button', { name: 'Stop listening' }).waitFor();
  await bar.getByRole('button', { name: 'Listen' }).waitFor();
  await bar.getByRole('button', { name: 'Send voice message' }).click();
  await expect(composer).toBeFocused();
  const [sent = ''] = await given(page, 'media.send');
  const told = Number(/"durationMs":(\d+)/.exec(sent)?.[1]);
  expect(Math.abs(told - seconds * 1_000)).toBeLessThan(100);
});

await play('holding the button sends, a swipe and Escape drop', 'everyday', async ({ page, composer }) => {
  await openChat(page);
  const button = page.getByRole('button', { name: 'Record a voice message' });
  const bar = page.getByRole('group', { name: 'Voice message', exact: true });
  await button.hover();
  await page.mouse.down();
  await expect(bar.getByRole('timer')).toHaveText('0:01', { timeout: 10_000 });
  await page.mouse.up();
  await expect(composer).toBeVisible();
  await expect.poll(() => given(page, 'media.send')).toHaveLength(1);
  await button.hover();
  await page.mouse.down();
  await expect(bar.getByRole('timer')).toHaveText('0:01', { timeout: 10_000 });
  await page.mouse.move(300, 700, { steps: 4 });
  await expect(bar).toContainText('Let go to delete');
  await page.mouse.up();
  await expect(composer).toBeVisible();
  await button.click();
  await expect(bar.getByRole('timer')).toHaveText('0:01', { timeout: 10_000 });
  await page.keyboard.press('Escape');
  await expect(composer).toBeVisible();
  expect(await given(page, 'media.send')).toHaveLength(1);
});

for (const theme of ['light', 'dark']) {
  await play(
    `axe finds nothing in preview and recording, ${theme}`,
    'everyday',
    async ({ page }) => {
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await openChat(page);
      const dialog = await choose(page, text('a.txt'), {
        name: 'turned.jpg',
        mimeType: 'image/jpeg',
        buffer: await photo(page),
      });
      await scan(page);
      await dialog.getByRole('button', { name: 'Remove a.txt' }).click();
      await scan(page);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Record a voice message' }).click();
      await scan(page);
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('button', { name: 'Listen' }).waitFor();
      await scan(page);
    },
    { settings: { theme } },
  );
}

async function scan(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}

await close();
