/** Blobs in an object store that several relay nodes share, and that dies, stands still and refuses. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { chunkFormat, createId, type UserId } from '../../../protocol/index.ts';
import { blobKeys, dataName } from '../../../signaling-server/adapters/s3/blob-keys.ts';
import { openS3Blobs, type S3Blobs, type S3BlobsDeps } from '../../../signaling-server/adapters/s3/s3-blobs.ts';
import { createS3Client, type S3Patience } from '../../../signaling-server/adapters/s3/s3-client.ts';
import { createS3Objects, type S3Objects } from '../../../signaling-server/adapters/s3/s3-objects.ts';
import { parseS3Url } from '../../../signaling-server/adapters/s3/s3-place.ts';
import { silentMetrics } from '../../../signaling-server/observe/silent-metrics.ts';
import type { BlobStorage, UploadKey } from '../../../signaling-server/ports/blobs.ts';
import { makeBlob, type MadeBlob } from '../../support/relay-blobs.ts';
import { silentLog } from '../../support/relay-core.ts';
import { startS3Proxy } from '../../support/s3-proxy.ts';
import { hasS3Server, startS3, type S3Server } from '../../support/s3-server.ts';

if (!hasS3Server) throw new Error("These tests need Debian's package python3-swift.");

const chunk = chunkFormat.sealedBytes;
/** Three parts: 20 chunks make one. */
const size = 50 * chunk + 999;
const hasty: S3Patience = { silenceMs: 700, attempts: 2, firstWaitMs: 20, allMs: 1_500 };
const stubborn: S3Patience = { silenceMs: 5_000, attempts: 30, firstWaitMs: 50, allMs: 30_000 };

let server: S3Server;
let url: string;
let opened: BlobStorage[];

beforeAll(async () => {
  server = await startS3();
}, 60_000);
afterAll(() => server.stop());
beforeEach(async () => {
  opened = [];
  url = await server.makeBucket();
});
afterEach(async () => {
  for (const storage of opened) await storage.close();
});

async function openNode(deps: Partial<S3BlobsDeps> = {}): Promise<S3Blobs> {
  const own = { url, ...server.keys, capBytes: null, clock: Date.now, log: silentLog, metrics: silentMetrics };
  const storage = await openS3Blobs({ ...own, ...deps });
  opened.push(storage);
  return storage;
}

function objectsOf(bucket = url): S3Objects {
  return createS3Objects(createS3Client({ place: parseS3Url(bucket), keys: server.keys, clock: Date.now }));
}

describe('several nodes', () => {
  it('go on with each other’s uploads, and publish what several of them took in', async () => {
    const [anna, ben, cleo] = [await openNode(), await openNode(), await openNode()];
    const blob = makeBlob(size);
    const upload = uploadOf(blob);
    const first = await anna.append(upload, 0, brokenAfter(blob.bytes.subarray(0, 31 * chunk + 5)));
    expect(first).toBe(31 * chunk);
    expect(await ben.offset(upload)).toBe(first);
    const second = await ben.append(upload, first, brokenAfter(blob.bytes.subarray(first, 45 * chunk + 9)));
    expect(second).toBe(45 * chunk);
    expect(await cleo.append(upload, second, Readable.from([blob.bytes.subarray(second)]))).toBe(size);
    expect(await cleo.size(blob.id)).toBeNull();
    await anna.publish(upload);
    await ben.publish(upload);
    await cleo.abandon(upload);
    expect((await readAll(ben, blob)).equals(blob.bytes)).toBe(true);
    expect(Buffer.from(await anna.hashes(blob.id))).toEqual(blob.hashes);
    expect(await anna.used()).toBe(size);
  });

  it('do not publish a forged part, whoever took it in, and leave nothing of it', async () => {
    const [anna, ben] = [await openNode(), await openNode()];
    const blob = makeBlob(size);
    const upload = uploadOf(blob);
    const forged = Buffer.from(blob.bytes.subarray(0, 40 * chunk));
    forged.writeUInt8(forged.readUInt8(7) ^ 1, 7);
    const reached = await anna.append(upload, 0, brokenAfter(forged));
    await ben.append(upload, reached, Readable.from([blob.bytes.subarray(reached)]));
    await expect(ben.publish(upload)).rejects.toMatchObject({ code: 'blob_mismatch' });
    expect(await everything()).toEqual([]);
  });

  it('are not fooled when one upload is sent to two of them at once, the one good and the other forged', async () => {
    const [anna, ben] = [await openNode(), await openNode()];
    for (const chunks of [2, 24]) {
      const blob = makeBlob(chunks * chunk);
      const forged = Buffer.from(blob.bytes);
      forged.writeUInt8(forged.readUInt8(7) ^ 1, 7);
      const upload = uploadOf(blob);
      const slow = new PassThrough({ highWaterMark: forged.length });
      const forging = ben.append(upload, 0, slow);
      slow.write(forged.subarray(0, forged.length - 5));
      await anna.append(upload, 0, Readable.from([blob.bytes]));
      slow.end(forged.subarray(forged.length - 5));
      await forging;
      const published = await anna.publish(upload).then(
        () => true,
        (error: unknown) => expect(error).toMatchObject({ code: 'blob_mismatch' }),
      );
      await anna.abandon(upload);
      if (published === true) expect((await readAll(anna, blob)).equals(blob.bytes)).toBe(true);
      else expect([await anna.size(blob.id), await anna.offset(upload)]).toEqual([null, 0]);
    }
  });

  it('keep one blob when two people send it at one time, and leave nothing of the other’s', async () => {
    const [anna, ben] = [await openNode(), await openNode()];
    const blob = makeBlob(2 * chunk);
    const [hers, his] = [uploadOf(blob), uploadOf(blob)];
    await Promise.all([
      anna.append(hers, 0, Readable.from([blob.bytes])),
      ben.append(his, 0, Readable.from([blob.bytes])),
    ]);
    await Promise.all([anna.publish(hers), ben.publish(his)]);
    await Promise.all([anna.abandon(hers), ben.abandon(his)]);
    expect((await readAll(anna, blob)).equals(blob.bytes)).toBe(true);
    await anna.remove(blob.id);
    expect(await ben.size(blob.id)).toBeNull();
    expect(await anna.used()).toBe(0);
  });
});

describe('a blob that one node removes while another one publishes it', () => {
  it('can be had back with what it was, as long as its bytes are there', async () => {
    let now = Date.now();
    const [anna, ben] = [await openNode({ readableMs: 60_000, clock: () => now }), await openNode()];
    const blob = makeBlob(2 * chunk);
    await put(anna, blob);
    await ben.restore(blob.id);
    await anna.remove(blob.id);
    expect(await ben.size(blob.id)).toBeNull();
    await ben.restore(blob.id);
    expect((await readAll(anna, blob)).equals(blob.bytes)).toBe(true);
    now += 120_000;
    await anna.removeRetired();
    expect((await readAll(anna, blob)).equals(blob.bytes)).toBe(true);
    expect(Buffer.from(await anna.hashes(blob.id))).toEqual(blob.hashes);
    await anna.remove(blob.id);
    now += 120_000;
    await anna.removeRetired();
    await ben.restore(blob.id);
    expect(await ben.size(blob.id)).toBeNull();
  });

  it('is readable in the end when its upload ends after the removal', async () => {
    const [anna, ben] = [await openNode(), await openNode()];
    const blob = makeBlob(2 * chunk);
    const upload = uploadOf(blob);
    await anna.append(upload, 0, Readable.from([blob.bytes]));
    await anna.publish(upload);
    await ben.remove(blob.id);
    expect(await anna.size(blob.id)).toBeNull();
    await anna.publish(upload);
    await anna.abandon(upload);
    expect((await readAll(ben, blob)).equals(blob.bytes)).toBe(true);
  });
});

describe('a store that fails', () => {
  it('is killed in the middle of an upload: the upload goes on where the store had noted it', async () => {
    const node = await openNode({ patience: hasty });
    const blob = makeBlob(size);
    const upload = uploadOf(blob);
    expect(await node.append(upload, 0, brokenAfter(blob.bytes.subarray(0, 22 * chunk)))).toBe(22 * chunk);
    const source = new PassThrough({ highWaterMark: 2 * size });
    const appending = node.append(upload, 22 * chunk, source);
    source.write(blob.bytes.subarray(22 * chunk, 24 * chunk));
    await server.kill9();
    source.write(blob.bytes.subarray(24 * chunk, 48 * chunk));
    await expect(appending).rejects.toMatchObject({ code: 'unavailable' });
    await expect(node.offset(upload)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(node.ping()).rejects.toThrow();
    await server.startAgain();
    const offset = await node.offset(upload);
    expect(offset).toBe(22 * chunk);
    await node.append(upload, offset, Readable.from([blob.bytes.subarray(offset)]));
    await node.publish(upload);
    expect((await readAll(node, blob)).equals(blob.bytes)).toBe(true);
  });

  it('stands still in the middle of an upload: the relay says so in time, and goes on when it moves again', async () => {
    const node = await openNode({ patience: hasty });
    const blob = makeBlob(size);
    const upload = uploadOf(blob);
    server.pause();
    const began = performance.now();
    await expect(node.append(upload, 0, Readable.from([blob.bytes]))).rejects.toMatchObject({ code: 'unavailable' });
    expect(performance.now() - began).toBeLessThan(10_000);
    server.resume();
    const offset = await node.offset(upload);
    await node.append(upload, offset, Readable.from([blob.bytes.subarray(offset)]));
    await node.publish(upload);
    expect((await readAll(node, blob)).equals(blob.bytes)).toBe(true);
  });

  it('is killed and comes back in the middle of a download: the reader notices nothing', async () => {
    const node = await openNode({ patience: stubborn });
    const blob = makeBlob(size);
    await put(node, blob);
    const open = await node.open(blob.id);
    const sink = new SlowSink();
    const sending = open.send({ from: 10, to: size - 1 }, sink);
    await sink.received(chunk);
    await server.kill9();
    sink.release();
    await server.startAgain();
    await sending;
    expect(sink.bytes().equals(blob.bytes.subarray(10))).toBe(true);
  });

  it('stands still in the middle of a download and does not come back: the download ends with a fault', async () => {
    const node = await openNode({ patience: hasty });
    const blob = makeBlob(size);
    await put(node, blob);
    const open = await node.open(blob.id);
    const sink = new SlowSink();
    const sending = open.send({ from: 0, to: size - 1 }, sink);
    await sink.received(chunk);
    server.pause();
    sink.release();
    await expect(sending).rejects.toThrow(/store/);
    server.resume();
  });

  it('is not there at the start: the relay starts, and has blobs once the store is there', async () => {
    await server.kill9();
    const node = await openNode({ patience: hasty });
    await expect(node.size(makeBlob(chunk).id)).rejects.toMatchObject({ code: 'unavailable' });
    await server.startAgain();
    expect(await node.size(makeBlob(chunk).id)).toBeNull();
  });

  it('stumbles at every other request: nobody notices', async () => {
    const ways = ['cut', 'pass', 'slow down', 'pass'] as const;
    const proxy = await startS3Proxy(server.port, (_, before) => ways[before % 4] ?? 'pass');
    onTestFinished(() => proxy.close());
    const node = await openNode({ url: url.replace(String(server.port), String(proxy.port)) });
    const blob = makeBlob(size);
    await put(node, blob);
    expect((await readAll(node, blob)).equals(blob.bytes)).toBe(true);
    expect(proxy.asked.length).toBeGreaterThan(10);
  });
});

describe('settings that the store refuses', () => {
  it('are named at the start: a wrong secret, a key it does not know, a bucket that is not there', async () => {
    const wrongKeys = { code: 'storage_failed', message: expect.stringMatching(/s3AccessKey/) as string };
    await expect(openNode({ secretKey: 'wrong' })).rejects.toMatchObject(wrongKeys);
    await expect(openNode({ accessKey: 'nobody' })).rejects.toMatchObject(wrongKeys);
    await expect(openNode({ accessKey: null })).rejects.toThrow(/PARLEY_S3_ACCESS_KEY/);
    const missing = { code: 'storage_failed', message: expect.stringMatching(/no bucket "no-such-bucket"/) as string };
    await expect(openNode({ url: server.missingBucket() })).rejects.toMatchObject(missing);
  });

  it('never show the secret', async () => {
    const secret = 'very-secret-indeed';
    const said: string[] = [];
    const note = (event: string, fields?: { error?: unknown }): void => void said.push(event, String(fields?.error));
    const log = { debug: note, info: note, warn: note, error: note };
    await openNode({ secretKey: secret, log }).catch((error: unknown) =>
      said.push(String(error), JSON.stringify(error)),
    );
    expect(said.length).toBeGreaterThan(0);
    expect(said.join(' ')).not.toContain(secret);
  });
});

describe('direct addresses', () => {
  it('give ranges of a blob to whoever has them, without a key, and for their time only', async () => {
    let now = Date.now();
    const node = await openNode({ clock: () => now });
    const blob = makeBlob(size);
    await put(node, blob);
    const address = await node.directUrl(blob.id, 60);
    const answer = await fetch(address, { headers: { range: `bytes=${chunk}-${2 * chunk - 1}` } });
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe(`bytes ${chunk}-${2 * chunk - 1}/${size}`);
    expect(Buffer.from(await answer.arrayBuffer()).equals(blob.bytes.subarray(chunk, 2 * chunk))).toBe(true);
    expect((await fetch(address.replace(blob.id, makeBlob(chunk).id))).status).toBe(403);
    now -= 120_000;
    const old = await node.directUrl(blob.id, 60);
    expect((await fetch(old)).status).toBe(403);
    await expect(node.directUrl(makeBlob(chunk).id, 60)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('what is left over', () => {
  it('of a removed blob goes once nobody reads it any more', async () => {
    let now = Date.now();
    const objects = objectsOf();
    const node = await openNode({ clock: () => now, readableMs: 60_000 });
    const blob = makeBlob(2 * chunk);
    await put(node, blob);
    await node.remove(blob.id);
    await node.removeRetired();
    expect(await everything()).not.toEqual([]);
    // The clock of the relay alone; the store's goes on as it was.
    now += 120_000;
    await node.removeRetired();
    expect(await everything(objects)).toEqual([]);
  });

  it('of a node that died before it noted its parts is found and taken away', async () => {
    const node = await openNode();
    const objects = objectsOf();
    const upload = uploadOf(makeBlob(size));
    const key = blobKeys.data(upload.blob, dataName(upload, 'abcd'));
    const id = await objects.beginAssembly(key);
    await objects.putPart(key, id, 1, { bytes: randomBytes(20 * chunk) });
    expect(await node.staleUploads(Date.now() - 60_000)).toEqual([]);
    expect(await node.staleUploads(Date.now() + 60_000)).toEqual([upload]);
    await node.abandon(upload);
    expect(await node.staleUploads(Date.now() + 60_000)).toEqual([]);
    expect(await everything(objects)).toEqual([]);
  });
});

async function everything(objects = objectsOf()): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of objects.list('')) found.push(key);
  for await (const { key } of objects.assemblies('')) found.push(key);
  return found;
}

function uploadOf({ id, bytes }: MadeBlob): UploadKey {
  return { user: createId<UserId>(), blob: id, bytes: bytes.length };
}

async function put(storage: BlobStorage, blob: MadeBlob): Promise<void> {
  const upload = uploadOf(blob);
  await storage.append(upload, 0, Readable.from([blob.bytes]));
  await storage.publish(upload);
  await storage.abandon(upload);
}

async function readAll(storage: BlobStorage, { id, bytes }: MadeBlob): Promise<Buffer> {
  const open = await storage.open(id);
  const sink = new SlowSink();
  sink.release();
  await open.send({ from: 0, to: bytes.length - 1 }, sink);
  await open.close();
  return sink.bytes();
}

function brokenAfter(bytes: Buffer): Readable {
  return Readable.from(
    (function* () {
      yield bytes;
      throw new Error('the line went dead');
    })(),
  );
}

/** Takes one piece, and the others once it is released. */
class SlowSink extends Writable {
  readonly #parts: Buffer[] = [];
  #size = 0;
  #isReleased = false;
  #next: (() => void) | null = null;

  constructor() {
    super({ highWaterMark: 1 });
  }

  override _write(part: Buffer, _encoding: string, done: () => void): void {
    this.#parts.push(Buffer.from(part));
    this.#size += part.length;
    this.emit('taken');
    if (this.#isReleased || this.#size < chunk) done();
    else this.#next = done;
  }

  async received(bytes: number): Promise<void> {
    while (this.#size < bytes) await once(this, 'taken');
  }

  release(): void {
    this.#isReleased = true;
    this.#next?.();
    this.#next = null;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
