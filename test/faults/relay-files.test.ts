/** A disk that really runs full under a relay that takes files: words, nothing spoilt, and on when there is room. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { chunkFormat } from '../../protocol/index.ts';
import { blobPairAt, offsetOf } from '../support/relay-blob-people.ts';
import { makeBlob } from '../support/relay-blobs.ts';
import { canMakeDisks, makeSmallDisk } from '../support/small-disk.ts';
import { spawnRelay } from '../support/start-relay.ts';

const chunk = chunkFormat.sealedBytes;
const mebibyte = 1024 * 1024;

test.skipIf(!canMakeDisks)(
  'a relay whose disk is full refuses files in words, keeps those it has, and goes on with a half upload once there is room',
  async () => {
    const disk = makeSmallDisk(160);
    const relay = await spawnRelay({ dataDir: join(disk.dir, 'relay'), args: ['--media-reserve-bytes', '16MiB'] });
    onTestFinished(async () => void (await relay.stop()));
    const { alice, bob } = await blobPairAt(relay.address);
    const [kept, half] = [makeBlob(100 * chunk), makeBlob(160 * chunk)];
    await alice.upload(kept);
    const tooMuch = await alice.begin(makeBlob(chunk), 500 * chunk);
    expect([tooMuch.status, tooMuch.code, tooMuch.json.error?.message]).toEqual([
      507,
      'storage_full',
      expect.stringContaining('free some space'),
    ]);

    await alice.begin(half);
    await alice.patch(half.id, 0, half.bytes.subarray(0, 40 * chunk));
    const before = await offsetOf(alice, half.id);
    expect(before).toBe(40 * chunk);
    disk.fill();
    const refused = await alice.patch(half.id, before, half.bytes.subarray(before));
    expect([refused.status, refused.code]).toEqual([507, 'storage_full']);
    expect((await bob.get(kept.id)).body.equals(kept.bytes)).toBe(true);

    disk.free();
    const offset = await offsetOf(alice, half.id);
    expect(offset).toBeGreaterThanOrEqual(before);
    const rest = await alice.patch(half.id, offset, half.bytes.subarray(offset));
    expect(rest.headers['upload-complete']).toBe('?1');
    expect((await bob.get(half.id)).body.equals(half.bytes)).toBe(true);
  },
);

test.skipIf(!canMakeDisks)('files leave the room that messages need', async () => {
  const disk = makeSmallDisk(160);
  const relay = await spawnRelay({ dataDir: join(disk.dir, 'relay'), args: ['--media-reserve-bytes', '100MiB'] });
  onTestFinished(async () => void (await relay.stop()));
  const { alice } = await blobPairAt(relay.address);
  const blob = makeBlob(Math.floor((40 * mebibyte) / chunk) * chunk);
  await alice.upload(blob);
  expect((await alice.begin(makeBlob(80 * chunk))).code).toBe('storage_full');
});
