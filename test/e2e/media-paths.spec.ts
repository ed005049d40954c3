/** The ways that large files take between real apps, and what may come between them: WebRTC, coturn, relay, kill -9. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { attachFiles } from '../support/attach.ts';
import { anna, ben } from '../support/people.ts';
import {
  download,
  expectPart,
  expectTransfer,
  fileCard,
  MediaScene,
  saveAs,
  useSettings,
  type Sharer,
} from '../support/media-people.ts';
import { hashOf, writeNoise } from '../support/sample-files.ts';
import { hasTurnServer, startTurnServer } from '../support/turn-server.ts';

const mebibyte = 1024 * 1024;

let scene: MediaScene;
test.afterEach(() => scene.leave());

/** Saves what arrived and compares it with what was sent. */
async function expectSame(sharer: Sharer, name: string, hash: string): Promise<void> {
  const saved = scene.path(`saved-${name}`);
  await saveAs(sharer, name, saved);
  await expect.poll(() => existsSync(saved), { timeout: 60_000 }).toBe(true);
  expect(await hashOf(saved)).toBe(hash);
}

/** Blobs that the relay published, by the files in its folder. */
function blobsOnRelay(): string[] {
  const folder = join(scene.relay.dataDir, 'blobs');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(^|[\\/])[0-9a-f]{64}$/.test(name),
  );
}

test('a file of 1 GiB goes straight from desktop to desktop, with equal hashes and nothing on the relay', async () => {
  test.setTimeout(360_000);
  scene = await MediaScene.enter();
  const { a, b } = await scene.pair();
  const hash = await writeNoise(scene.path('film.bin'), 1024 * mebibyte);
  await attachFiles(a.app, [scene.path('film.bin')]);
  await download(b, 'film.bin');
  const arrived = await expectTransfer(b, 'film.bin', 'done', 300_000);
  expect(arrived.path).toBe('direct');
  await expectTransfer(a, 'film.bin', 'done');
  expect(blobsOnRelay()).toEqual([]);
  await expectSame(b, 'film.bin', hash);
});

test('a receiver that is killed at a third goes on from there', async () => {
  test.setTimeout(180_000);
  scene = await MediaScene.enter();
  const { a, b } = await scene.pair();
  const hash = await writeNoise(scene.path('disk.img'), 128 * mebibyte);
  await attachFiles(a.app, [scene.path('disk.img')]);
  await download(b, 'disk.img');
  const before = await expectPart(b, 'disk.img', 0.3);
  await scene.end(b, 'kill');
  await scene.end(a, 'close');

  // With nobody there to send it again, all that had come can only be what is found on the disk.
  const back = await scene.reopen(ben);
  await expectPart(back, 'disk.img', before.done / before.bytes);
  await scene.reopen(anna);
  await expectTransfer(back, 'disk.img', 'done', 120_000);
  await back.app.openChat(anna.name);
  await expectSame(back, 'disk.img', hash);
});

test('when the sender is gone at half, their second device gives the rest', async () => {
  test.setTimeout(180_000);
  scene = await MediaScene.enter();
  const { a, b } = await scene.pair();
  const laptop = await scene.logInElsewhere(anna, 'laptop');
  await laptop.app.openChat(ben.name);
  const hash = await writeNoise(scene.path('archive.zip'), 192 * mebibyte);
  await attachFiles(a.app, [scene.path('archive.zip')]);
  await download(laptop, 'archive.zip');
  await expectTransfer(laptop, 'archive.zip', 'done', 120_000);
  await download(b, 'archive.zip');
  await expectPart(b, 'archive.zip', 0.5);
  await scene.end(a, 'kill');
  await expectTransfer(b, 'archive.zip', 'done', 120_000);
  await expectSame(b, 'archive.zip', hash);
});

test('a receiver who is away gets the file later from the relay, when the sender is long gone', async () => {
  test.setTimeout(120_000);
  scene = await MediaScene.enter();
  const { a, b } = await scene.pair();
  await scene.end(b, 'close');
  const hash = await writeNoise(scene.path('report.docx'), 12 * mebibyte);
  await attachFiles(a.app, [scene.path('report.docx')]);
  const sent = await expectTransfer(a, 'report.docx', 'done', 60_000);
  expect(sent.path).toBe('relay');
  await scene.end(a, 'close');

  const back = await scene.reopen(ben);
  await back.app.openChat(anna.name);
  await download(back, 'report.docx');
  await expectTransfer(back, 'report.docx', 'done', 60_000);
  await expectSame(back, 'report.docx', hash);
});

test('with "always through the relay" nothing goes from desktop to desktop', async () => {
  scene = await MediaScene.enter();
  const { a, b } = await scene.pair();
  await useSettings({ path: 'relay' }, a);
  const hash = await writeNoise(scene.path('quiet.bin'), 8 * mebibyte);
  await attachFiles(a.app, [scene.path('quiet.bin')]);
  await download(b, 'quiet.bin');
  expect((await expectTransfer(b, 'quiet.bin', 'done')).path).toBe('relay');
  expect(a.app.parley.app.windows().filter((page) => page.url().includes('peer'))).toEqual([]);
  await expectSame(b, 'quiet.bin', hash);
});

test('a full relay is named, and the file goes directly once the other is back', async () => {
  test.setTimeout(120_000);
  scene = await MediaScene.enter(['--user-quota-bytes', '2000000']);
  const { a, b } = await scene.pair();
  await scene.end(b, 'close');
  await expect(a.app.presence).toHaveText(/^last seen/);
  const hash = await writeNoise(scene.path('large.iso'), 24 * mebibyte);
  await attachFiles(a.app, [scene.path('large.iso')]);
  const waiting = await expectTransfer(a, 'large.iso', 'waiting');
  expect(waiting.waitingFor.map(({ displayName }) => displayName)).toEqual([ben.name]);
  await expect(fileCard(a, 'large.iso')).toContainText('You may keep');

  const back = await scene.reopen(ben);
  await back.app.openChat(anna.name);
  await download(back, 'large.iso');
  expect((await expectTransfer(back, 'large.iso', 'done', 60_000)).path).toBe('direct');
  await expectSame(back, 'large.iso', hash);
});

test('where only a TURN server connects the two, files go through a real coturn', async () => {
  test.skip(!hasTurnServer, 'coturn is not installed');
  test.setTimeout(120_000);
  const turn = await startTurnServer();
  try {
    scene = await MediaScene.enter(['--direct', 'turn', '--turn-urls', turn.url, '--turn-secret', turn.secret]);
    const { a, b } = await scene.pair();
    const hash = await writeNoise(scene.path('slides.key'), 16 * mebibyte);
    await attachFiles(a.app, [scene.path('slides.key')]);
    await download(b, 'slides.key');
    expect((await expectTransfer(b, 'slides.key', 'done', 90_000)).path).toBe('turn');
    expect(turn.allocations()).toBeGreaterThan(0);
    expect(blobsOnRelay()).toEqual([]);
    await expectSame(b, 'slides.key', hash);
  } finally {
    await turn.stop();
  }
});

test('paused, gone on with and cancelled as the person says', async () => {
  test.setTimeout(120_000);
  scene = await MediaScene.enter();
  const { a, b } = await scene.pair();
  await writeNoise(scene.path('music.flac'), 96 * mebibyte);
  await attachFiles(a.app, [scene.path('music.flac')]);
  await download(b, 'music.flac');
  await expectPart(b, 'music.flac', 0.05);
  await b.app.page.getByRole('button', { name: /^Transfers/ }).click();
  const panel = b.app.page.getByRole('dialog', { name: 'Transfers', exact: true });
  await panel.getByRole('button', { name: 'Pause music.flac' }).click();
  const paused = await expectTransfer(b, 'music.flac', 'paused');
  expect(paused.done).toBeLessThan(paused.bytes);
  await panel.getByRole('button', { name: /^(Go on|Resume|Continue).*music\.flac/ }).click();
  await expectPart(b, 'music.flac', paused.done / paused.bytes + 0.05);
  await panel.getByRole('button', { name: 'Cancel music.flac' }).click();
  await expectTransfer(b, 'music.flac', 'cancelled');
  await expect(fileCard(b, 'music.flac').getByRole('button', { name: /^Download music\.flac/ })).toBeVisible();
});
