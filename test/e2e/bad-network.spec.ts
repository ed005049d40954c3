/** Two people, one of them on a bad line and closing the lid twice: an album, a film and a voice message arrive all the same. */
import { existsSync } from 'node:fs';
import { expect, test, type Locator } from '@playwright/test';
import { attachFiles } from '../support/attach.ts';
import { BadNetwork } from '../support/bad-network.ts';
import { closeLid, openLid } from '../support/lid.ts';
import { download, expectPart, expectTransfer, MediaScene, saveAs, type Sharer } from '../support/media-people.ts';
import { anna, ben } from '../support/people.ts';
import { hashOf, writeNoise, writePhoto } from '../support/sample-files.ts';

const mebibyte = 1024 * 1024;
const line = { delayMs: 60, hiccupMs: 400, bytesPerSecond: 4 * mebibyte };
const recording = [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
];

let scene: MediaScene;
let network: BadNetwork;

test.beforeEach(async () => {
  scene = await MediaScene.enter();
  network = await BadNetwork.open(Number(new URL(scene.relay.address).port), line);
});
test.afterEach(async () => {
  await scene.leave();
  await network.close();
});

const messages = ({ app }: Sharer): Locator => app.page.getByRole('log');

async function writeAlbum({ app }: Sharer): Promise<string[]> {
  return Promise.all(
    [0, 1, 2].map(async (index) => {
      const file = scene.path(`day-${index}.jpg`);
      await writePhoto(app.page, file, { width: 1_200, height: 900, hue: index * 80 });
      return file;
    }),
  );
}

async function sendVoice({ app: { page } }: Sharer): Promise<void> {
  await page.getByRole('button', { name: 'Record a voice message' }).click();
  const bar = page.getByRole('group', { name: 'Voice message' });
  await expect(bar).toContainText(/0:0[1-9]/, { timeout: 10_000 });
  await bar.getByRole('button', { name: 'Send voice message' }).click();
}

/** The person closes the lid until the other sees that they are gone, and opens it somewhere else. */
async function sleepAndMove(sleeper: Sharer, other: Sharer): Promise<void> {
  closeLid(sleeper.app.parley);
  network.cut();
  await expect(other.app.page.getByRole('banner').getByText('Online', { exact: true })).toBeHidden({ timeout: 40_000 });
  openLid(sleeper.app.parley);
}

test('an album, a film and a voice message arrive whole', async () => {
  test.setTimeout(300_000);
  const a = await scene.register(anna, { args: recording });
  const b = await scene.register(ben, { relaySuggestion: network.address });
  await a.app.startChat(ben);
  await a.app.send('Hello Ben');
  await b.app.openChat(anna.name);
  await b.app.expectMessage('Hello Ben');

  const hash = await writeNoise(scene.path('film.bin'), 192 * mebibyte);
  await attachFiles(a.app, await writeAlbum(a), { caption: 'A day out' });
  await attachFiles(a.app, [scene.path('film.bin')]);
  await download(b, 'film.bin');

  await expectPart(b, 'film.bin', 0.1);
  await sleepAndMove(b, a);
  await expectPart(b, 'film.bin', 0.3);
  await sendVoice(a);
  await sleepAndMove(b, a);

  await expectTransfer(b, 'film.bin', 'done', 180_000);
  const saved = scene.path('saved-film.bin');
  await saveAs(b, 'film.bin', saved);
  await expect.poll(() => existsSync(saved), { timeout: 60_000 }).toBe(true);
  expect(await hashOf(saved)).toBe(hash);

  const album = messages(b).getByRole('group', { name: 'Album of 3' });
  for (const place of [1, 2, 3]) {
    const picture = album.getByRole('button', { name: new RegExp(`^Photo ${place} of 3`) });
    await expect
      .poll(() =>
        picture.locator('img[src^="parley-media:"]').evaluate((image: HTMLImageElement) => image.naturalWidth),
      )
      .toBe(1_200);
  }
  const voice = messages(b).getByRole('group', { name: /^voice message/i });
  await voice.getByRole('button', { name: /^Play / }).click();
  await b.app.send('All here');
  await a.app.expectMessage('All here');
  await expect(messages(a).getByText(/failed|could not/i)).toHaveCount(0);
});
