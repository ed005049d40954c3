/** The sealed file of a backup: what was written is read, and nothing else. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readHead, readPieces, writeEntry, type Pieces } from '../../../main/engine/data/backup/entries.ts';
import { createSealedWriter, openSealedReader } from '../../../main/engine/data/backup/sealed-file.ts';
import { frameFormat } from '../../../main/engine/data/backup/frame-sealing.ts';
import { headerBytes } from '../../../main/engine/data/backup/backup-header.ts';
import { blobIdSchema } from '../../../protocol/index.ts';
import { temporaryFolder } from '../../support/engine-client.ts';
import { madeUpBytes } from '../../support/engine-vault.ts';

const passphrase = 'grüße from the beach';
/** What is secret here is nothing, and time is short. */
const cheap = { logN: 10, r: 8, p: 1 };
const blob = blobIdSchema.parse('ab'.repeat(32));

async function seal(path: string, bytes: Uint8Array): Promise<void> {
  const file = await createSealedWriter(path, passphrase, cheap);
  for (let at = 0; at < bytes.byteLength; at += 100_003) await file.write(bytes.subarray(at, at + 100_003));
  await file.finish();
}

async function readAll(folder: string, file: Uint8Array, count: number): Promise<void> {
  const path = join(folder, 'broken');
  writeFileSync(path, file);
  const reader = await openSealedReader(path, passphrase);
  try {
    await reader.read(count);
    reader.assertEnd();
  } finally {
    await reader.close();
  }
}

async function* pieces(...parts: (Uint8Array | 'drop')[]): Pieces {
  yield* parts;
}

async function collect(from: Pieces): Promise<(Uint8Array | 'drop')[]> {
  const found: (Uint8Array | 'drop')[] = [];
  for await (const piece of from) found.push(piece);
  return found;
}

describe('the sealed file of a backup', () => {
  it.each([1, frameFormat.plainBytes - 1, frameFormat.plainBytes, frameFormat.plainBytes + 1, 900_000])(
    'gives back %d bytes',
    async (count) => {
      const path = join(await temporaryFolder(), 'file');
      const bytes = madeUpBytes(count);
      await seal(path, bytes);
      const frames = Math.max(1, Math.ceil(count / frameFormat.plainBytes));
      expect(statSync(path).size).toBe(headerBytes + frames * frameFormat.sealedBytes);
      const reader = await openSealedReader(path, passphrase);
      expect((await reader.read(count)).equals(bytes)).toBe(true);
      reader.assertEnd();
      await reader.close();
    },
  );

  it('opens with the same passphrase however its letters are composed', async () => {
    const path = join(await temporaryFolder(), 'file');
    await seal(path, madeUpBytes(10));
    const reader = await openSealedReader(path, passphrase.normalize('NFD'));
    expect(await reader.read(10)).toHaveLength(10);
    await reader.close();
  });

  it('is refused when its frames change places', async () => {
    const path = join(await temporaryFolder(), 'file');
    await seal(path, madeUpBytes(900_000));
    const bytes = readFileSync(path);
    const frame = (index: number) =>
      bytes.subarray(
        headerBytes + index * frameFormat.sealedBytes,
        headerBytes + (index + 1) * frameFormat.sealedBytes,
      );
    const header = bytes.subarray(0, headerBytes);
    writeFileSync(path, Buffer.concat([header, frame(1), frame(0), frame(2), frame(3)]));
    const reader = await openSealedReader(path, passphrase);
    await expect(reader.read(1)).rejects.toThrow(/damaged/);
    await reader.close();
  });

  it(
    'is refused whichever of its bytes is different, and says what is wrong with it',
    { timeout: 30_000 },
    async () => {
      const folder = await temporaryFolder();
      const path = join(folder, 'file');
      const count = 600_000;
      await seal(path, madeUpBytes(count));
      const whole = readFileSync(path);
      const places = Array.from({ length: headerBytes }, (_, at) => at);
      for (let at = headerBytes; at < whole.byteLength; at += 23_003) places.push(at);
      for (const at of [...places, whole.byteLength - 1]) {
        const broken = Buffer.from(whole);
        broken[at] = (broken[at] ?? 0) ^ (1 << (at % 8));
        await expect(readAll(folder, broken, count)).rejects.toThrow(at < 14 ? /no backup/ : /damaged/);
      }
    },
  );

  it('tells a file that was cut, wherever that was', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'file');
    const count = 600_000;
    await seal(path, madeUpBytes(count));
    const whole = readFileSync(path);
    const boundary = headerBytes + frameFormat.sealedBytes;
    for (const end of [20, headerBytes, headerBytes + 5, boundary - 1, boundary, boundary + 1, whole.byteLength - 1]) {
      await expect(readAll(folder, whole.subarray(0, end), count)).rejects.toThrow(/not complete/);
    }
  });

  it('asks for no more memory than a backup of ours, whatever a file says', async () => {
    const path = join(await temporaryFolder(), 'file');
    await seal(path, madeUpBytes(10));
    const bytes = readFileSync(path);
    bytes[16] = 40;
    writeFileSync(path, bytes);
    await expect(openSealedReader(path, passphrase)).rejects.toThrow(/damaged/);
  });

  it('holds entries, some of which were taken back while they were written', async () => {
    const path = join(await temporaryFolder(), 'file');
    const file = await createSealedWriter(path, passphrase, cheap);
    const large = madeUpBytes(2_500_000);
    expect(await writeEntry(file, { type: 'blob', blob }, pieces(large, new Uint8Array()))).toBe(true);
    expect(await writeEntry(file, { type: 'hashes', blob }, pieces(madeUpBytes(5), 'drop'))).toBe(false);
    await writeEntry(file, { type: 'end', messages: 1, files: 2, missingFiles: 3 });
    await file.finish();

    const reader = await openSealedReader(path, passphrase);
    expect(await readHead(reader)).toEqual({ type: 'blob', blob });
    const found = await collect(readPieces(reader));
    expect(Buffer.concat(found.filter((piece) => piece !== 'drop')).equals(large)).toBe(true);
    expect(await readHead(reader)).toEqual({ type: 'hashes', blob });
    expect((await collect(readPieces(reader))).at(-1)).toBe('drop');
    expect(await readHead(reader)).toMatchObject({ type: 'end', files: 2 });
    expect(await collect(readPieces(reader))).toEqual([]);
    reader.assertEnd();
    await reader.close();
  });
});
