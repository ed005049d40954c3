/** Pictures, albums, films and voice between two real apps: what people send, see and hear. */
import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { expect, test, type Locator } from '@playwright/test';
import { attachFiles, chooseFiles } from '../support/attach.ts';
import { expectTransfer, fileCard, MediaScene, saveAs, type Sharer } from '../support/media-people.ts';
import { cameraWords, hashOf, writeFilm, writeNoise, writePhoto } from '../support/sample-files.ts';

let scene: MediaScene;

test.beforeEach(async () => {
  scene = await MediaScene.enter();
});
test.afterEach(() => scene.leave());

const messages = ({ app }: Sharer): Locator => app.page.getByRole('log');

/** The sharp picture, loaded and with this width of its own. */
async function expectPicture(sharer: Sharer, name: RegExp, width: number): Promise<void> {
  const picture = messages(sharer).getByRole('button', { name }).last();
  await expect(picture).toBeVisible();
  await expect
    .poll(() => picture.locator('img[src^="parley-media:"]').evaluate((image: HTMLImageElement) => image.naturalWidth))
    .toBe(width);
}

test('a picture goes out resized and without camera data, with its caption, and opens in the viewer', async () => {
  const { a, b } = await scene.pair();
  const photo = scene.path('harbour.jpg');
  await writePhoto(a.app.page, photo, { width: 3_000, height: 2_000, hue: 200 });
  await attachFiles(a.app, [photo], { caption: 'The harbour this morning' });

  await b.app.expectMessage('The harbour this morning');
  await expectPicture(b, /^Photo/, 2_048);
  await a.app.expectTicks('The harbour this morning', 'Read');

  await messages(b)
    .getByRole('button', { name: /^Photo/ })
    .click();
  const viewer = b.app.page.getByRole('dialog', { name: 'Viewer' });
  await expect(viewer.getByText('The harbour this morning')).toBeVisible();
  const saved = scene.path('saved.jpg');
  await b.app.parley.app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
  }, saved);
  await viewer.getByRole('button', { name: 'Save as…' }).click();
  await expect.poll(() => existsSync(saved)).toBe(true);
  expect((await readFile(saved)).includes(cameraWords)).toBe(false);
  await b.app.page.keyboard.press('Escape');
  await expect(viewer).toBeHidden();
});

test('an original picture arrives byte for byte, camera data and all', async () => {
  const { a, b } = await scene.pair();
  const photo = scene.path('original.jpg');
  await writePhoto(a.app.page, photo, { width: 2_400, height: 1_600, hue: 30 });
  await attachFiles(a.app, [photo], { original: true });
  await expectPicture(b, /^Photo/, 2_400);
  const [conversation] = await b.probe.engine('conversations.list', {});
  if (!conversation) throw new Error('There is no conversation.');
  const [item] = await b.probe.engine('media.list', { conversation: conversation.id, filter: 'pictures' });
  expect(item?.media.bytes).toBe((await readFile(photo)).byteLength);
});

test('an album of pictures and a film arrives as one message in the order chosen', async () => {
  const { a, b } = await scene.pair();
  const files = await Promise.all(
    [0, 1, 2].map(async (index) => {
      const file = scene.path(`day-${index}.jpg`);
      await writePhoto(a.app.page, file, { width: 1_200 + index * 100, height: 900, hue: index * 80 });
      return file;
    }),
  );
  const film = scene.path('boat.webm');
  await writeFilm(a.app.page, film);
  await attachFiles(a.app, [...files, film], { caption: 'A day out' });

  await b.app.expectMessage('A day out');
  const album = messages(b).getByRole('group', { name: 'Album of 4' });
  await expect(album).toBeVisible();
  await expectPicture(b, /^Photo 1 of 4/, 1_200);
  await expectPicture(b, /^Photo 3 of 4/, 1_400);
  await expect(album.getByRole('button', { name: /^Video 4 of 4/ })).toBeVisible();
});

test('a film plays in the conversation, and can be wound', async () => {
  const { a, b } = await scene.pair();
  const film = scene.path('boat.webm');
  await writeFilm(a.app.page, film);
  await attachFiles(a.app, [film]);
  const tile = messages(b).getByRole('button', { name: /^Video/ });
  await tile.click();
  const video = messages(b).locator('video');
  await expect.poll(() => video.evaluate((element: HTMLVideoElement) => element.currentTime)).toBeGreaterThan(0.2);
  expect(await video.evaluate((element: HTMLVideoElement) => element.muted)).toBe(true);
  await video.evaluate((element: HTMLVideoElement) => {
    element.currentTime = 0.1;
  });
  await expect.poll(() => video.evaluate((element: HTMLVideoElement) => element.seeking)).toBe(false);
});

test('any other file opens only where it is safe, and saves byte for byte', async () => {
  const { a, b } = await scene.pair();
  const file = scene.path('minutes of the meeting.pdf');
  const program = scene.path('setup.exe');
  const hash = await writeNoise(file, 700_000);
  await writeNoise(program, 20_000);
  await attachFiles(a.app, [file, program]);

  await expectTransfer(b, 'minutes of the meeting.pdf', 'done');
  const saved = scene.path('saved.pdf');
  await saveAs(b, 'minutes of the meeting.pdf', saved);
  await expect.poll(() => existsSync(saved)).toBe(true);
  expect(await hashOf(saved)).toBe(hash);

  const opened = await b.app.parley.app.evaluateHandle(({ shell }) => {
    const paths: string[] = [];
    shell.openPath = (path) => {
      paths.push(path);
      return Promise.resolve('');
    };
    return paths;
  });
  await expectTransfer(b, 'setup.exe', 'done');
  await fileCard(b, 'setup.exe')
    .getByRole('button', { name: /^Open setup.exe/ })
    .click();
  const question = b.app.page.getByRole('alertdialog').or(b.app.page.getByRole('dialog'));
  await expect(question).toContainText('setup.exe');
  await b.app.page.keyboard.press('Escape');
  await expect(question).toBeHidden();
  expect(await opened.jsonValue()).toEqual([]);
});

test('files that are too large for the relay say so before anything is sent', async () => {
  await scene.leave();
  scene = await MediaScene.enter(['--max-file-bytes', '1000000']);
  const { a } = await scene.pair();
  const file = scene.path('large.bin');
  await writeNoise(file, 2_000_000);
  const preview = await chooseFiles(a.app, [file]);
  await expect(preview).toContainText('Larger than the relay takes');
  await a.probe.engine('media.set-settings', { path: 'relay' });
  await a.app.page.keyboard.press('Escape');
  await a.app.page
    .getByRole('button', { name: 'Discard' })
    .click({ timeout: 1_000 })
    .catch(() => {});
  await a.app.page.getByTestId('choose-files').setInputFiles([file]);
  const again = a.app.page.getByRole('dialog', { name: /^Send / });
  await expect(again).toContainText('Too large to send');
  await expect(again.getByRole('button', { name: 'Send', exact: true })).toBeDisabled();
});

test('a voice message is recorded, listened to, sent and played', async () => {
  const { a, b } = await scene.pair({
    args: [
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
  await a.app.page.getByRole('button', { name: 'Record a voice message' }).click();
  const bar = a.app.page.getByRole('group', { name: 'Voice message' });
  await expect(bar).toContainText(/0:0[2-9]/, { timeout: 10_000 });
  await bar.getByRole('button', { name: 'Pause' }).click();
  await bar.getByRole('button', { name: 'Listen' }).click();
  await bar.getByRole('button', { name: 'Send voice message' }).click();

  const voice = messages(b).getByRole('group', { name: /^voice message/i });
  await expect(voice).toBeVisible();
  await voice.getByRole('button', { name: /^Play / }).click();
  await expect(voice.getByRole('button', { name: /^Pause / })).toBeVisible();
  await expect
    .poll(() =>
      voice
        .getByRole('slider')
        .inputValue()
        .catch(() => voice.getByRole('slider').getAttribute('aria-valuenow')),
    )
    .not.toBe('0');
});
