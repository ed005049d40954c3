/** Chosen files come out of an archive whole, with their permission bits; damage is noticed. */
import { mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { unzip } from '../../../scripts/unzip.ts';

interface Member {
  readonly name: string;
  readonly data: string;
  readonly deflate?: boolean;
  readonly mode?: number;
  readonly claimedSize?: number;
}

/** Writes only the fields that a reader of the central directory needs. */
function zipOf(members: readonly Member[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, deflate = false, mode = 0o644, claimedSize = data.length } of members) {
    const content = deflate ? deflateRawSync(data) : Buffer.from(data);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(4, 28); // an extra field that the directory does not have
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(deflate ? 8 : 0, 10);
    entry.writeUInt32LE(content.length, 20);
    entry.writeUInt32LE(claimedSize, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(((0o100000 | mode) << 16) >>> 0, 38);
    entry.writeUInt32LE(offset, 42);
    directory.push(entry, Buffer.from(name));
    parts.push(local, Buffer.from(name), Buffer.alloc(4), content);
    offset += 34 + name.length + content.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

function unpack(zip: Buffer, wanted: (name: string) => boolean = () => true) {
  const dir = mkdtempSync(join(tmpdir(), 'parley-unzip-'));
  const zipFile = join(dir, 'archive.zip');
  writeFileSync(zipFile, zip);
  const out = join(dir, 'out');
  return { out, done: unzip(zipFile, (name) => (wanted(name) ? join(out, name) : undefined)) };
}

test('packed, unpacked and empty files come out as they went in', async () => {
  const long = 'words '.repeat(50_000);
  const { out, done } = unpack(
    zipOf([
      { name: 'a/', data: '' },
      { name: 'a/long', data: long, deflate: true, mode: 0o755 },
      { name: 'plain', data: 'hello' },
      { name: 'empty', data: '' },
    ]),
  );
  expect(await done).toBe(3);
  expect(readFileSync(join(out, 'a/long'), 'utf8')).toBe(long);
  expect(statSync(join(out, 'a/long')).mode & 0o777).toBe(0o755);
  expect(readFileSync(join(out, 'plain'), 'utf8')).toBe('hello');
  expect(readFileSync(join(out, 'empty'), 'utf8')).toBe('');
});

test('only what is asked for is written', async () => {
  const zip = zipOf(['x', 'y'].map((name) => ({ name, data: name })));
  const { out, done } = unpack(zip, (name) => name === 'y');
  await done;
  expect(readdirSync(out)).toEqual(['y']);
});

test('a file shorter than the directory says is an error', async () => {
  const { done } = unpack(zipOf([{ name: 'short', data: 'hello', claimedSize: 9 }]));
  await expect(done).rejects.toThrow('short has 5 bytes instead of 9');
});

test('a file that is no archive is an error', async () => {
  await expect(unpack(Buffer.from('not a zip')).done).rejects.toThrow('Not a ZIP archive');
});
