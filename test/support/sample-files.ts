/** Files to send, made on the spot: noise of any size, pictures with camera data in them, films and sounds. */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';

const pieceBytes = 4 * 1024 * 1024;

/** Writes bytes that don't compress and don't repeat within a piece of 4 MiB. @returns their SHA-256. */
export async function writeNoise(file: string, bytes: number): Promise<string> {
  const piece = randomBytes(Math.min(bytes, pieceBytes));
  const handle = await open(file, 'w');
  const hash = createHash('sha256');
  try {
    for (let at = 0, round = 0; at < bytes; at += piece.byteLength, round++) {
      piece.writeUInt32LE(round, 0);
      const part = piece.subarray(0, Math.min(piece.byteLength, bytes - at));
      hash.update(part);
      await handle.write(part);
    }
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

/** SHA-256 of a file, read piece by piece. */
export async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** Words that stand in the camera data of `writePhoto`'s pictures, to be looked for afterwards. */
export const cameraWords = 'Parley test camera 52.52N 13.40E';

interface PhotoOptions {
  readonly width: number;
  readonly height: number;
  /** Degrees on the colour wheel. */
  readonly hue: number;
}

/** Draws a picture in the page's canvas and writes it as JPEG with camera data (an EXIF segment). */
export async function writePhoto(page: Page, file: string, options: PhotoOptions): Promise<void> {
  const base64 = await page.evaluate(drawPhoto, options);
  const jpeg = Buffer.from(base64, 'base64');
  const exif = Buffer.concat([Buffer.from('Exif\0\0MM\0*\0\0\0\x08\0\0', 'latin1'), Buffer.from(cameraWords)]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(exif.byteLength + 2, 2);
  await writeFile(file, Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]));
}

/** Runs in the page. @returns the JPEG as base64. */
async function drawPhoto({ width, height, hue }: PhotoOptions): Promise<string> {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  if (!context) throw new Error('There is no canvas.');
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, `hsl(${hue} 70% 72%)`);
  sky.addColorStop(1, `hsl(${(hue + 40) % 360} 60% 45%)`);
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  for (let hill = 0; hill < 5; hill++) {
    context.fillStyle = `hsl(${(hue + 90 + hill * 12) % 360} 35% ${48 - hill * 8}%)`;
    context.beginPath();
    context.moveTo(0, height);
    for (let x = 0; x <= width; x += 8)
      context.lineTo(x, height * (0.5 + hill * 0.1) + Math.sin(x / (60 + hill * 25) + hill * 2) * height * 0.06);
    context.lineTo(width, height);
    context.fill();
  }
  return toBase64(canvas);

  async function toBase64(source: HTMLCanvasElement): Promise<string> {
    const url = source.toDataURL('image/jpeg', 0.9);
    return url.slice(url.indexOf(',') + 1);
  }
}

/** Records two seconds of a moving picture in the page and writes it as WebM. */
export async function writeFilm(page: Page, file: string): Promise<void> {
  await writeFile(file, Buffer.from(await page.evaluate(recordFilm), 'base64'));
}

/** Runs in the page. @returns the film as base64. */
async function recordFilm(): Promise<string> {
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
  const context = canvas.getContext('2d');
  if (!context) throw new Error('There is no canvas.');
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm;codecs=vp8' });
  const parts: Blob[] = [];
  recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
  const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve));
  recorder.start(200);
  const frames = 50;
  for (let frame = 0; frame < frames; frame++) {
    context.fillStyle = `hsl(${frame * 7} 60% 50%)`;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = 'white';
    context.fillRect(frame * 11, 120 + Math.sin(frame / 5) * 60, 90, 90);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  recorder.stop();
  await stopped;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
