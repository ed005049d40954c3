import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { mediaAddress } from '../../bridge/media-address.ts';
import type { MediaRef } from '../../bridge/media-views.ts';
import { createId, type ConversationId, type MessageId } from '../../protocol/index.ts';
import { probeBridge } from '../support/bridge-probe.ts';
import { crashEngine } from '../support/engine-crash.ts';
import { launchStandIn, type StandInApp } from '../support/engine-stand-in/launch.ts';
import { patternBytes, type StandInFile } from '../support/engine-stand-in/media.ts';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
/** One red pixel. */
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC';

let dir: string;
let parley: StandInApp;
test.beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'parley-media-'));
  parley = await launchStandIn({
    dataDir: join(dir, 'profile'),
    // So that a refusal is one, and not for want of a microphone.
    args: ['--use-fake-device-for-media-stream'],
  });
  await parley.app.evaluate(({ app }, downloads) => app.setPath('downloads', downloads), dir);
});
test.afterAll(async () => {
  await parley.close();
  await rm(dir, { recursive: true, force: true, maxRetries: 3 });
});

/** A file that the engine knows from now on. @returns its reference and the hash of its bytes. */
async function put(file: Partial<StandInFile> = {}): Promise<{ ref: MediaRef; address: string; hash: string }> {
  const ref = { conversation: createId<ConversationId>(), message: createId<MessageId>(), item: 0 };
  const whole = { ref, name: 'film.webm', bytes: 3 * mebibyte + 5, inlineType: 'video/webm', ...file };
  return { ref, address: mediaAddress(ref), hash: (await parley.act('put', whole)) as string };
}

interface Seen {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: number;
  readonly hash: string;
}

/** @returns what the page got, or the name of the error. */
function request(address: string, range = ''): Promise<Seen | string> {
  return parley.page.evaluate(
    async ({ url, wanted }) => {
      try {
        const response = await fetch(url, wanted ? { headers: { range: wanted } } : {});
        const bytes = await response.arrayBuffer();
        const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
        return {
          status: response.status,
          headers: Object.fromEntries(response.headers),
          bytes: bytes.byteLength,
          hash: [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
        };
      } catch (error) {
        return (error as Error).name;
      }
    },
    { url: address, wanted: range },
  );
}

/** A WAV file of 16 bits at 44.1 kHz. */
function silence(seconds: number): Buffer {
  const samples = seconds * 44_100 * 2;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(44_100, 24);
  head.writeUInt32LE(88_200, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples, 40);
  return Buffer.concat([head, Buffer.alloc(samples)]);
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Loads a picture as the conversation does, and reads its first pixel as copying does. */
function pixelOf(address: string): Promise<number[] | string> {
  return parley.page.evaluate(async (url) => {
    const image = new Image();
    image.crossOrigin = 'anonymous';
    image.src = url;
    try {
      await image.decode();
      const canvas = document.createElement('canvas');
      const context = canvas.getContext('2d');
      context?.drawImage(image, 0, 0);
      return [...(context?.getImageData(0, 0, 1, 1).data ?? [])];
    } catch (error) {
      return (error as Error).name;
    }
  }, address);
}

test('a picture of a message is shown, and may be drawn in order to copy it', async () => {
  const { address } = await put({ name: 'dot.png', bytes: 69, inlineType: 'image/png', base64: png });
  expect(await pixelOf(address)).toEqual([255, 0, 0, 255]);
});

test('sound plays while it still arrives, and seeking asks for that place at once', async () => {
  const seconds = 10;
  const bytes = silence(seconds);
  const file = { name: 'a.wav', bytes: bytes.byteLength, inlineType: 'audio/wav', base64: bytes.toString('base64') };
  const { ref, address } = await put({ ...file, arrived: 300 * kibibyte });
  const player = await parley.page.evaluateHandle(async (url) => {
    const audio = new Audio(url);
    audio.muted = true;
    await audio.play();
    return audio;
  }, address);
  expect(await player.evaluate((audio) => audio.duration)).toBe(seconds);
  await expect.poll(() => player.evaluate((audio) => audio.currentTime)).toBeGreaterThan(0.2);
  await player.evaluate((audio) => (audio.currentTime = 9));
  await expect
    .poll(async () => Math.max(...((await parley.act('reads', { address })) as number[])))
    .toBeGreaterThan(780_000);
  await parley.act('arrive', { ref, bytes: bytes.byteLength });
  await expect.poll(() => player.evaluate((audio) => audio.ended)).toBe(true);
});

test('what may not be shown is not, nor what there is not', async () => {
  const { address } = await put({ name: 'dot.svg', bytes: 69, inlineType: null, base64: png });
  expect(await pixelOf(address)).toBe('EncodingError');
  const nothing = { conversation: createId<ConversationId>(), message: createId<MessageId>(), item: 3 };
  expect(await pixelOf(mediaAddress(nothing))).toBe('EncodingError');
});

test('the page’s scripts read no files, frames show none, and the page is not led to one', async () => {
  const { address } = await put({ name: 'a.txt', bytes: 10, inlineType: 'text/plain' });
  expect(await request(address)).toBe('TypeError');
  await parley.page.evaluate((url) => {
    const link = document.createElement('a');
    link.href = url;
    document.body.append(link);
    link.click();
    link.remove();
  }, address);
  expect(await parley.act('reads', { address })).toEqual([]);
  expect(parley.page.url()).toBe('parley-app://app/index.html');
});

test('the peer page reaches no file of a message, and no page but itself', async () => {
  await parley.act('open-peers');
  const { address } = await put({ name: 'dot.png', bytes: 69, inlineType: 'image/png', base64: png });
  const reached = await parley.app.evaluate(({ webContents }, url) => {
    const peerPage = webContents
      .getAllWebContents()
      .find((contents) => contents.getURL().startsWith('parley-app://peer/'));
    return peerPage?.executeJavaScript(`(async () => {
      const image = new Image();
      image.src = ${JSON.stringify(url)};
      const shown = await image.decode().then(() => true, () => false);
      const fetched = await Promise.all([${JSON.stringify(url)}, 'parley-app://app/index.html', 'https://example.org/']
        .map((address) => fetch(address).then(() => true, () => false)));
      const rights = [typeof parleyFiles, typeof require, typeof process];
      const microphone = await navigator.mediaDevices.getUserMedia({ audio: true }).then(() => 'given', (error) => error.name);
      return { shown, fetched, rights, microphone };
    })()`) as Promise<unknown>;
  }, address);
  expect(reached).toEqual({
    shown: false,
    fetched: [false, false, false],
    rights: ['undefined', 'undefined', 'undefined'],
    microphone: 'NotAllowedError',
  });
  expect(await parley.act('reads', { address })).toEqual([]);
});

test('a file that the person chose is granted by its path; one that the page made is not', async () => {
  const path = join(dir, 'chosen.txt');
  await writeFile(path, 'chosen');
  const input = await parley.page.evaluateHandle(() => {
    const element = document.createElement('input');
    element.type = 'file';
    document.body.append(element);
    return element;
  });
  await input.setInputFiles(path);
  const grants = await input.evaluate(async (element) => {
    const { grant } = (globalThis as unknown as { parleyFiles: { grant(file: unknown): Promise<unknown> } })
      .parleyFiles;
    const made = new File(['made'], '/etc/passwd');
    Object.defineProperty(made, 'path', { value: '/etc/passwd' });
    const tried = [element.files?.[0], made, '/etc/passwd', { path: '/etc/passwd' }, null, new Blob(['x'])];
    return Promise.all(tried.map((file) => grant(file).catch(() => 'failed')));
  });
  await input.evaluate((element) => element.remove());
  expect(grants).toEqual([{ grant: 'grant-1', name: 'chosen.txt', bytes: 1 }, null, null, null, null, null]);
  expect(await parley.act('granted')).toEqual([path]);
});

test.describe('files outside Parley', () => {
  /** Records what the system would be asked to do, and chooses in the person's place. */
  test.beforeAll(() =>
    parley.app.evaluate(({ dialog, shell }) => {
      const seen = { offered: [] as (string | undefined)[], opened: [] as string[], shown: [] as string[], choice: '' };
      Object.assign(globalThis, { seen });
      const choose = (...args: unknown[]): Promise<Electron.SaveDialogReturnValue> => {
        seen.offered.push((args.at(-1) as Electron.SaveDialogOptions).defaultPath);
        return Promise.resolve({ canceled: seen.choice === '', filePath: seen.choice });
      };
      dialog.showSaveDialog = choose;
      shell.openPath = (path) => {
        seen.opened.push(path);
        return Promise.resolve(path.endsWith('.xyz') ? 'No program' : '');
      };
      shell.showItemInFolder = (path) => void seen.shown.push(path);
    }),
  );

  interface SystemSeen {
    readonly offered: string[];
    readonly opened: string[];
    readonly shown: string[];
  }
  const seen = (): Promise<SystemSeen> =>
    parley.app.evaluate(() => (globalThis as unknown as { seen: SystemSeen }).seen);
  const choose = (choice: string): Promise<void> =>
    parley.app.evaluate((_electron, path) => {
      (globalThis as unknown as { seen: { choice: string } }).seen.choice = path;
    }, choice);

  test('are saved where the person says, and the folder is offered again', async () => {
    const { ref, hash } = await put({ name: 'holiday.webm' });
    const folder = await mkdtemp(join(dir, 'chosen-'));
    await choose('');
    expect(await parley.probe.shell('media.save', ref)).toEqual({ saved: false });
    await choose(join(folder, 'mine.webm'));
    expect(await parley.probe.shell('media.save', ref)).toEqual({ saved: true });
    expect(hashOf(readFileSync(join(folder, 'mine.webm')))).toBe(hash);
    await choose('');
    await parley.probe.shell('media.save', ref);
    expect((await seen()).offered).toEqual([
      join(dir, 'holiday.webm'),
      join(dir, 'holiday.webm'),
      join(folder, 'holiday.webm'),
    ]);
    await parley.probe.shell('media.show', ref);
    expect((await seen()).shown).toEqual([join(folder, 'mine.webm')]);
  });

  test('are shown where they were saved, or else saved to the downloads under a free name', async () => {
    const { ref } = await put({ name: 'notes.txt', bytes: 3 });
    await writeFile(join(dir, 'notes.txt'), 'other');
    await parley.probe.shell('media.show', ref);
    await parley.probe.shell('media.show', ref);
    expect((await seen()).shown.slice(-2)).toEqual([join(dir, 'notes (1).txt'), join(dir, 'notes (1).txt')]);
    await rm(join(dir, 'notes (1).txt'));
    await parley.probe.shell('media.show', ref);
    expect(readFileSync(join(dir, 'notes (1).txt'))).toHaveLength(3);
    expect(readFileSync(join(dir, 'notes.txt'), 'utf8')).toBe('other');
  });

  test('are opened as a private copy, dangerous ones only once the person was asked', async () => {
    const { ref } = await put({ name: 'setup.sh', bytes: 20, dangerous: true });
    const refused = await parley.probe.rawShell('media.open', { ...ref, confirmed: false });
    expect(refused).toMatchObject({ ok: false, code: 'forbidden' });
    expect((await seen()).opened).toEqual([]);

    await parley.probe.shell('media.open', { ...ref, confirmed: true });
    await parley.probe.shell('media.open', { ...ref, confirmed: true });
    const [copy = '', again] = (await seen()).opened;
    expect(again).toBe(copy);
    expect(copy.startsWith(join(parley.dataDir, 'opened'))).toBe(true);
    expect(copy.endsWith('/setup.sh')).toBe(true);
    expect((await stat(copy)).mode & 0o777).toBe(0o400);

    const odd = await put({ name: 'odd.xyz', bytes: 1 });
    const failed = await parley.probe.rawShell('media.open', { ...odd.ref, confirmed: false });
    expect(failed).toMatchObject({ ok: false, code: 'unavailable' });
  });
});

test.describe('ranges of a file, asked for by a page without its policy', () => {
  test.beforeAll(async () => {
    const debuggerSession = await parley.page.context().newCDPSession(parley.page);
    await debuggerSession.send('Page.setBypassCSP', { enabled: true });
    await parley.page.reload();
    await probeBridge(parley.page);
  });

  test('come as they are asked for, with what a player needs to seek', async () => {
    const { address, hash } = await put();
    const size = 3 * mebibyte + 5;
    const bytes = patternBytes(size);
    const whole = await request(address);
    expect(whole).toMatchObject({ status: 200, bytes: size, hash });
    expect(whole).toMatchObject({
      headers: {
        'content-type': 'video/webm',
        'content-length': String(size),
        'accept-ranges': 'bytes',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
      },
    });
    const parts = [
      { range: 'bytes=0-', from: 0, to: size },
      { range: 'bytes=100-299', from: 100, to: 300 },
      { range: `bytes=${256 * kibibyte - 1}-${256 * kibibyte}`, from: 256 * kibibyte - 1, to: 256 * kibibyte + 1 },
      { range: 'bytes=-7', from: size - 7, to: size },
      { range: `bytes=${size - 1}-${size + 100}`, from: size - 1, to: size },
    ];
    for (const { range, from, to } of parts) {
      expect(await request(address, range), range).toMatchObject({
        status: 206,
        bytes: to - from,
        hash: hashOf(bytes.subarray(from, to)),
        headers: { 'content-range': `bytes ${from}-${to - 1}/${size}`, 'content-length': String(to - from) },
      });
    }
    expect(await request(address, `bytes=${size}-`)).toMatchObject({
      status: 416,
      headers: { 'content-range': `bytes */${size}` },
    });
  });

  test('an empty file is an empty answer', async () => {
    const { address } = await put({ bytes: 0 });
    expect(await request(address)).toMatchObject({ status: 200, bytes: 0 });
    expect(await request(address, 'bytes=0-')).toMatchObject({ status: 416 });
  });

  test('wait for what is still arriving', async () => {
    const { ref, address, hash } = await put({ bytes: 2 * mebibyte, arrived: mebibyte });
    const answer = request(address);
    await expect.poll(() => parley.act('reads', { address })).toContain(mebibyte);
    await parley.act('arrive', { ref, bytes: 2 * mebibyte });
    expect(await answer).toMatchObject({ status: 200, hash });
  });

  test('are read no further once nobody wants them', async () => {
    const { ref, address } = await put({ bytes: 32 * mebibyte, arrived: mebibyte });
    const reader = await parley.page.evaluateHandle(async (url) => {
      const abort = new AbortController();
      const response = await fetch(url, { signal: abort.signal });
      await response.body?.getReader().read();
      return { abort };
    }, address);
    await expect.poll(() => parley.act('reads', { address })).toContain(mebibyte);
    await reader.evaluate(({ abort }) => abort.abort());
    const other = await put();
    expect(await request(other.address)).toMatchObject({ status: 200 });
    await parley.act('arrive', { ref, bytes: 32 * mebibyte });
    expect(await request(other.address)).toMatchObject({ status: 200 });
    const reads = (await parley.act('reads', { address })) as number[];
    expect(Math.max(...reads)).toBeLessThanOrEqual(mebibyte + 256 * kibibyte);
  });

  test('an engine that ends in mid-answer is an error, not a wait without end', async () => {
    const { address } = await put({ bytes: 2 * mebibyte, arrived: mebibyte });
    const answer = request(address);
    await expect.poll(() => parley.act('reads', { address })).toContain(mebibyte);
    await crashEngine(parley.app);
    expect(await answer).toBe('TypeError');
    await expect.poll(() => request(address), { timeout: 15_000 }).toMatchObject({ status: 404 });
  });
});

test('copies that were opened are gone after the end, and those that a crash left after the next start', async () => {
  const profile = join(dir, 'second');
  const first = await launchStandIn({ dataDir: profile });
  await first.app.evaluate(({ shell }) => {
    shell.openPath = () => Promise.resolve('');
  });
  const ref = { conversation: createId<ConversationId>(), message: createId<MessageId>(), item: 0 };
  await first.act('put', { ref, name: 'a.txt', bytes: 3, inlineType: null });
  await first.probe.shell('media.open', { ...ref, confirmed: false });
  expect(readdirSync(join(profile, 'opened'))).toHaveLength(1);
  await first.kill();
  const second = await launchStandIn({ dataDir: profile });
  expect(existsSync(join(profile, 'opened'))).toBe(false);
  await second.app.evaluate(({ shell }) => {
    shell.openPath = () => Promise.resolve('');
  });
  await second.act('put', { ref, name: 'a.txt', bytes: 3, inlineType: null });
  await second.probe.shell('media.open', { ...ref, confirmed: false });
  await second.close();
  expect(existsSync(join(profile, 'opened'))).toBe(false);
});
