/** Plays through what can be done with files in a conversation: `node probe-files.ts CHROMIUM [PART OF A TITLE]`. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Locator, type Page } from '@playwright/test';
import { startProbe, type Played } from './probe-play.ts';

const { play, close } = await startProbe();

/** Opens the conversation and scrolls until the message is there: the list draws only what is near. */
async function reach(page: Page, name: string | RegExp): Promise<Locator> {
  await page
    .getByRole('option', { name: /Anna Weber/ })
    .first()
    .click();
  const log = page.getByRole('log');
  await expect.poll(() => log.evaluate((element) => element.scrollTop)).toBeGreaterThan(1_000);
  // The list goes on to its end for a moment, against whoever scrolls then.
  await page.waitForTimeout(700);
  const wanted = log.getByRole('article', { name }).first();
  await log.evaluate((element) => (element.scrollTop = 0));
  await page.waitForTimeout(200);
  for (let turn = 0; turn < 120 && !(await wanted.isVisible()); turn++) {
    await log.evaluate((element) => (element.scrollTop += 300));
    await page.waitForTimeout(60);
  }
  if (!(await wanted.isVisible())) {
    const names = await log.getByRole('article').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
    throw new Error(`No ${String(name)} among what is drawn at the end: ${names.join(' · ')}`);
  }
  await wanted.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  return wanted;
}

const opened = (page: Page) => page.evaluate(() => harness.shell.files);
const asked = (page: Page, name: string) =>
  page.evaluate((of) => harness.engine.asked.filter((one) => one.name === of).map(({ input }) => input), name);

await play('nothing moves when pictures arrive', 'bubbles', async ({ page, log }) => {
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  await page.context().route('parley-media://**', async (route) => {
    await gate;
    await route.fallback();
  });
  await reach(page, /Anna Weber, 4 photos/);
  const places = () =>
    log
      .getByRole('article')
      .evaluateAll((all) => all.map((one) => [one.dataset['message'], one.getBoundingClientRect().top]));
  await page.waitForTimeout(300);
  const before = await places();
  expect(await log.locator('img.sharp.shown').count()).toBe(0);
  open();
  await expect.poll(() => log.locator('img.sharp.shown').count()).toBeGreaterThan(3);
  expect(await places()).toEqual(before);
});

await play('a picture becomes sharp once it has come', 'bubbles', async ({ page }) => {
  const message = await reach(page, /Anna Weber, Photo, 0?\d/);
  const late = page.getByRole('button', { name: 'Download: Photo, 2.1 MB' });
  for (let turn = 0; turn < 40 && (await late.count()) === 0; turn++) {
    await page.getByRole('log').evaluate((element) => (element.scrollTop += 300));
    await page.waitForTimeout(60);
  }
  await expect(message).toBeAttached();
  const article = page.getByRole('article').filter({ has: late });
  const id = await article.getAttribute('data-message');
  await late.click();
  await expect.poll(() => asked(page, 'transfers.start')).toMatchObject([{ message: id, item: 0 }]);
  const move = (state: 'active' | 'done', done: number) =>
    page.evaluate(
      ([of, now, through]) => {
        const message = harness.engine.messagesOf(harness.conversationIdOf(0)).find((one) => one.id === of);
        const item = message?.content.kind === 'media' ? message.content.items[0] : undefined;
        if (item?.transfer) harness.engine.media.put({ ...item.transfer, state: now, done: through });
      },
      [id, state, done] as const,
    );
  const same = page.locator(`[data-message="${id ?? ''}"]`);
  await move('active', 1_000_000);
  await expect(same.getByText('1 MB of 2.1 MB')).toBeVisible();
  await expect(same.getByRole('button', { name: /^Pause/ })).toBeVisible();
  await move('done', 2_140_000);
  await expect(same.locator('img.sharp.shown')).toBeVisible();
  await expect(same.getByRole('button', { name: /Pause|Download/ })).toHaveCount(0);
});

await play('what comes on screen is told to the engine', 'bubbles', async ({ page }) => {
  const message = await reach(page, /Anna Weber, Voice message 0:06/);
  const id = await message.getAttribute('data-message');
  await expect.poll(async () => JSON.stringify(await asked(page, 'media.seen')).includes(id ?? 'nothing')).toBe(true);
});

await play('the viewer shows, zooms, steps, saves, and gives the focus back', 'bubbles', async ({ page }) => {
  const message = await reach(page, /^Anna Weber, Photo/);
  const tile = message.getByRole('button', { name: 'Photo', exact: true });
  await tile.click();
  const viewer = page.getByRole('dialog', { name: 'Viewer' });
  await expect(viewer.getByText('IMG_2001.jpg')).toBeVisible();
  const picture = viewer.getByRole('img', { name: 'Photo: IMG_2001.jpg' });
  await expect(picture.locator('img.shown')).toBeVisible();
  const width = async () => (await picture.boundingBox())?.width ?? 0;
  const fitted = await width();
  await page.keyboard.press('+');
  expect(await width()).toBeCloseTo(fitted * 1.4, 0);
  const left = (await picture.boundingBox())?.x ?? 0;
  await page.keyboard.press('ArrowLeft');
  expect((await picture.boundingBox())?.x).toBeGreaterThan(left);
  await page.keyboard.press('0');
  expect(await width()).toBeCloseTo(fitted, 0);
  await picture.dblclick();
  expect(await width()).toBeGreaterThan(fitted * 1.2);
  await page.keyboard.press('0');
  await picture.hover();
  await page.mouse.wheel(0, -300);
  await expect.poll(width).toBeGreaterThan(fitted * 1.5);
  await page.keyboard.press('0');
  await viewer.getByRole('button', { name: 'Save as…' }).click();
  await expect.poll(async () => (await opened(page)).map(({ name }) => name)).toContain('media.save');
  expect(await viewer.getByRole('button', { name: 'Previous' }).count()).toBe(0);
  await page.keyboard.press('ArrowRight');
  await expect(viewer.getByText('IMG_2002.jpg')).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expect(viewer.getByText('The whole valley from the tower', { exact: false })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(viewer).toHaveCount(0);
  await expect(tile).toBeFocused();
  await tile.click();
  await page.mouse.click(15, 90);
  await expect(viewer).toHaveCount(0);
});

await play(
  'the keys of the viewer go on from a film, and it starts no sound elsewhere',
  'bubbles',
  async ({ page }) => {
    const message = await reach(page, /^Anna Weber, 3 photos/);
    await message.getByRole('button', { name: /^Video 3 of 3/ }).click();
    const viewer = page.getByRole('dialog', { name: 'Viewer' });
    await expect(viewer.locator('video')).toBeVisible();
    await page.keyboard.press('ArrowLeft');
    await expect(viewer.getByRole('img', { name: /^Photo: IMG_2001/ })).toBeVisible();
    await page.keyboard.press('ArrowRight');
    await expect(viewer.locator('video')).toBeVisible();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await expect(viewer.getByRole('img', { name: /^Photo: IMG_2000/ })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(viewer).toHaveCount(0);
  },
);

await play('a film plays where it stands, silent, and one at a time', 'bubbles', async ({ page }) => {
  const message = await reach(page, /^Anna Weber, Video/);
  const box = await message.boundingBox();
  await message.getByRole('button', { name: /^Video 0:03/ }).click();
  const video = message.locator('video');
  await expect
    .poll(() => video.evaluate((one: HTMLVideoElement) => one.currentTime), { timeout: 15_000 })
    .toBeGreaterThan(0.3);
  expect(await video.evaluate((one: HTMLVideoElement) => one.muted)).toBe(true);
  expect((await message.boundingBox())?.height).toBeCloseTo(box?.height ?? 0, 0);
  await page.keyboard.press('m');
  expect(await video.evaluate((one: HTMLVideoElement) => one.muted)).toBe(false);
  await page.keyboard.press(' ');
  await expect.poll(() => video.evaluate((one: HTMLVideoElement) => one.paused)).toBe(true);
  const position = message.getByRole('slider', { name: 'Position' });
  await position.focus();
  await position.press('Home');
  await expect.poll(() => video.evaluate((one: HTMLVideoElement) => one.currentTime)).toBeLessThan(0.1);
  await message.getByRole('button', { name: 'Play' }).click();
  await expect.poll(() => video.evaluate((one: HTMLVideoElement) => one.paused)).toBe(false);
  await page.getByRole('log').evaluate((element) => (element.scrollTop -= 3_000));
  await expect(video).toHaveCount(0);
});

await play('a film that can’t be played says so and opens elsewhere', 'bubbles', async ({ page }) => {
  await page
    .context()
    .route('parley-media://**', (route) =>
      route.fulfill({ status: 200, contentType: 'video/mp4', body: 'not a film at all' }),
    );
  const message = await reach(page, /^Anna Weber, Video/);
  await message.getByRole('button', { name: /^Video 0:03/ }).click();
  await expect(message.getByRole('alert')).toContainText('This video can’t be played here.');
  await message.getByRole('button', { name: 'Open in another program' }).click();
  await expect.poll(() => opened(page)).toMatchObject([{ name: 'media.open', input: { confirmed: false } }]);
});

await play('a voice message plays, is sought by keys, and the next one plays on', 'bubbles', async ({ page }) => {
  const message = await reach(page, /^Anna Weber, Voice message 0:05/);
  await message.getByRole('button', { name: /^Play voice message from Anna/ }).click();
  await expect(message.getByRole('button', { name: /^Pause voice/ })).toBeVisible();
  const place = message.getByRole('slider', { name: /^Position in voice message/ });
  const now = async () => Number(await place.getAttribute('aria-valuenow'));
  await expect.poll(now).toBeGreaterThan(0);
  await message.getByRole('button', { name: 'Speed 1×' }).click();
  await expect(message.getByRole('button', { name: 'Speed 1.5×' })).toBeVisible();
  await place.focus();
  await place.press('Home');
  await place.press('ArrowRight');
  const next = page.getByRole('article', { name: /^You, Voice message 0:07/ });
  await expect(next.getByRole('button', { name: /^Pause voice message from you/ })).toBeVisible();
  await expect(message.getByRole('button', { name: /^Play voice/ })).toBeVisible();
  await page.getByRole('option', { name: /Lea/ }).first().click();
  await page
    .getByRole('option', { name: /Anna Weber/ })
    .first()
    .click();
  await expect(page.getByRole('button', { name: /^Pause/ })).toHaveCount(0);
});

await play('a voice message that is not here is fetched when it is played', 'bubbles', async ({ page }) => {
  const message = await reach(page, /^Anna Weber, Voice message 0:06/);
  const id = await message.getAttribute('data-message');
  await message.getByRole('button', { name: /^Play/ }).click();
  await expect.poll(() => asked(page, 'transfers.start')).toMatchObject([{ message: id }]);
});

await play('a dangerous file is opened only after the question', 'bubbles', async ({ page }) => {
  const message = await reach(page, /setup-parley-relay/);
  const open = message.getByRole('button', { name: /^Open setup-parley-relay.exe/ });
  await open.click();
  const question = page.getByRole('dialog', { name: 'Open this file?' });
  await expect(question).toContainText('This is a program, sent by Anna Weber.');
  await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(question).toHaveCount(0);
  expect(await opened(page)).toEqual([]);
  await open.click();
  await question.getByRole('button', { name: 'Open anyway' }).click();
  await expect.poll(() => opened(page)).toMatchObject([{ name: 'media.open', input: { confirmed: true } }]);
  await expect(question).toHaveCount(0);
});

await play('files are opened, shown and saved by keyboard', 'bubbles', async ({ page }) => {
  const message = await reach(page, /Minutes of the general/);
  await message.getByRole('button', { name: /^Open Minutes/ }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect
    .poll(async () => (await opened(page)).map(({ name }) => name))
    .toEqual(['media.open', 'media.show', 'media.save']);
});

await play('what is still being prepared can be taken back', 'bubbles', async ({ page }) => {
  const message = await reach(page, /^You, plans.dwg/);
  const id = await message.getAttribute('data-message');
  await message.getByRole('button', { name: 'Stop sending: plans.dwg' }).click();
  await expect.poll(() => asked(page, 'messages.discard')).toMatchObject([{ message: id }]);
  await expect(page.locator(`[data-message="${id ?? ''}"]`)).toHaveCount(0);
});

const themes = ['light', 'dark'] as const;
for (const theme of themes)
  await play(`axe finds no flaw in files, ${theme}`, 'bubbles', findNoFlaw, { settings: { theme } });

async function findNoFlaw({ page }: Played): Promise<void> {
  for (const name of [/^Anna Weber, Photo/, /Anna Weber, 4 photos/, /^Anna Weber, Voice/, /sheet music|3 files/]) {
    await reach(page, name);
    await page.waitForTimeout(300);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))])).toEqual([]);
    await page.getByRole('option', { name: /Lea/ }).first().click();
  }
  const message = await reach(page, /^Anna Weber, Photo/);
  await message.getByRole('button', { name: 'Photo', exact: true }).click();
  await page.waitForTimeout(400);
  const { violations } = await new AxeBuilder({ page }).include('dialog[open]').analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))])).toEqual([]);
}

await close();
