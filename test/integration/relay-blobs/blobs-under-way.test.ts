/** Files on their way when the relay dies or stops, and what they cost it in memory: a process of its own, as in life. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { blobPath, chunkFormat } from '../../../protocol/index.ts';
import { blobPairAt, offsetOf } from '../../support/relay-blob-people.ts';
import { makeBlob } from '../../support/relay-blobs.ts';
import { removeFolder, temporaryFolder } from '../../support/relay-config.ts';
import { spawnRelay, startRelay } from '../../support/start-relay.ts';

const chunk = chunkFormat.sealedBytes;
const mebibyte = 1024 * 1024;

/** Gives these bytes and then nothing more, without an end. */
function stallAfter(bytes: Buffer): Readable {
  const stream = new Readable({ read() {} });
  stream.push(bytes);
  return stream;
}

it('an upload goes on where it was after kill -9 of the relay', async () => {
  const dataDir = await temporaryFolder();
  onTestFinished(() => removeFolder(dataDir));
  const first = await spawnRelay({ dataDir });
  const people = await blobPairAt(first.address);
  const blob = makeBlob(200 * chunk + 5_000);
  await people.alice.begin(blob);
  const cut = people.alice.patch(blob.id, 0, stallAfter(blob.bytes.subarray(0, 150 * chunk + 99)));
  const cutOff = expect(cut).rejects.toThrow();
  await expect.poll(() => offsetOf(people.alice, blob.id), { timeout: 20_000 }).toBeGreaterThan(0);
  const promised = await offsetOf(people.alice, blob.id);
  await first.kill();
  await cutOff;

  const second = await spawnRelay({ dataDir });
  onTestFinished(async () => void (await second.stop()));
  const { alice, bob } = people.at(second.address);
  const offset = await offsetOf(alice, blob.id);
  expect(offset).toBeGreaterThanOrEqual(promised);
  expect(offset % chunk).toBe(0);
  expect((await alice.patch(blob.id, offset, blob.bytes.subarray(offset))).headers['upload-complete']).toBe('?1');
  expect((await bob.get(blob.id)).body.equals(blob.bytes)).toBe(true);
});

it('a download that is under way when the relay stops comes to its end', async () => {
  const relay = await startRelay({ config: { stopTimeoutMs: 20_000 } });
  const { alice, bob } = await blobPairAt(relay.address);
  const blob = makeBlob(200 * chunk);
  await alice.upload(blob);
  const reading = bob.open(blobPath(bob.conversation, blob.id), {});
  const answered = new Promise<IncomingMessage>((resolve) => reading.once('response', resolve));
  reading.end();
  const answer = await answered;
  const stopped = relay.stop();
  await expect.poll(() => fetch(`${relay.address}/healthz`).catch(() => 'closed')).toBe('closed');
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  expect(Buffer.concat(parts).equals(blob.bytes)).toBe(true);
  await stopped;
});

/** Mebibytes of a process: now, or at most so far. */
function memoryOf(pid: number, what: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${what}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
}

it.skipIf(process.platform !== 'linux')(
  'a large file, and ten devices that stopped reading it, take little of the relay’s memory',
  async () => {
    const relay = await spawnRelay();
    onTestFinished(async () => void (await relay.stop()));
    const { alice, bob } = await blobPairAt(relay.address);
    const before = memoryOf(relay.pid, 'VmRSS');
    const blob = makeBlob(Math.floor((256 * mebibyte) / chunk) * chunk);
    await alice.upload(blob);
    for (let reader = 0; reader < 10; reader++) {
      const reading = bob.open(blobPath(bob.conversation, blob.id), {}, (answer) => answer.pause());
      reading.on('error', () => {}).end();
      onTestFinished(() => void reading.destroy());
      await new Promise((resolve) => reading.once('response', resolve));
    }
    expect((await bob.get(blob.id)).body.equals(blob.bytes)).toBe(true);
    expect(memoryOf(relay.pid, 'VmHWM') - before).toBeLessThan(140);
  },
);
