/** Devices that fetch files straight from the object store, on a real relay. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { chunkFormat, plainSize, type ConversationId } from '../../../protocol/index.ts';
import { createBlobClient } from '../../../main/engine/connection/blob-client.ts';
import { httpClient } from '../../../main/engine/connection/http-client.ts';
import { systemClock } from '../../../main/engine/runtime/clock.ts';
import { registerAt } from '../../support/plain-client.ts';
import { BlobDevice, makeBlob, openConversation, type MadeBlob } from '../../support/relay-blobs.ts';
import { startS3Proxy, type Passing, type S3Proxy } from '../../support/s3-proxy.ts';
import { hasS3Server, startS3, type S3Server } from '../../support/s3-server.ts';
import { startRelay, type TestRelay } from '../../support/start-relay.ts';

if (!hasS3Server) throw new Error("These tests need Debian's package python3-swift.");

const chunk = chunkFormat.sealedBytes;
const size = 5 * chunk + 99;

let server: S3Server;
let proxy: S3Proxy;
let relay: TestRelay;
let device: BlobDevice;
let token: string;
/** What the store does with those who come without a key, by a direct address. */
let withoutKey: Passing;

beforeAll(async () => {
  server = await startS3();
}, 60_000);
afterAll(() => server.stop());
beforeEach(() => (withoutKey = 'pass'));
afterEach(async () => {
  await relay.stop();
  await proxy.close();
});

async function start(mediaDirectUrls: boolean): Promise<MadeBlob> {
  proxy = await startS3Proxy(server.port, ({ url = '' }) => (url.includes('X-Amz-Signature') ? withoutKey : 'pass'));
  const blobs = (await server.makeBucket()).replace(String(server.port), String(proxy.port));
  const { accessKey: s3AccessKey, secretKey: s3SecretKey } = server.keys;
  relay = await startRelay({ config: { blobs, s3AccessKey, s3SecretKey, mediaDirectUrls } });
  const [anna, ben] = [await registerAt(relay.address, 'anna'), await registerAt(relay.address, 'ben')];
  token = anna.token;
  device = new BlobDevice(relay.address, anna, await openConversation(relay.address, anna, ben));
  const blob = makeBlob(size);
  await device.upload(blob);
  return blob;
}

const direct = () => proxy.asked.filter(({ url = '' }) => url.includes('X-Amz-Signature'));

/** As the app does it. @returns the chunks `from` up to but without `to`. */
async function fetchChunks(conversation: ConversationId, { id }: MadeBlob, from: number, to: number): Promise<Buffer> {
  const client = createBlobClient({ base: relay.address, token, http: httpClient, clock: systemClock });
  onTestFinished(() => client.close());
  const got: Buffer[] = [];
  const { signal } = new AbortController();
  const plainBytes = plainSize(size) ?? 0;
  for await (const bytes of client.chunks({ conversation, blob: id, plainBytes, from, to, signal }))
    got.push(Buffer.from(bytes));
  return Buffer.concat(got);
}

describe('a relay that sends devices to its store', () => {
  it('says so to those that can go there, and sends the bytes itself to the others', async () => {
    const blob = await start(true);
    const asked = await device.ask(`/v1/conversations/${device.conversation}/blobs/${blob.id}`, {
      headers: { 'parley-direct': '?1', range: 'bytes=0-9' },
    });
    expect([asked.status, asked.body.length]).toEqual([307, 0]);
    expect(asked.headers['cache-control']).toBe('no-store');
    const from = await fetch(asked.headers.location ?? '', { headers: { range: 'bytes=0-9' } });
    expect(Buffer.from(await from.arrayBuffer())).toEqual(blob.bytes.subarray(0, 10));
    expect((await device.get(blob.id)).body).toEqual(blob.bytes);
  });

  it('sends nobody there who may not read the blob', async () => {
    const blob = await start(true);
    const carol = await registerAt(relay.address, 'carol');
    const stranger = new BlobDevice(relay.address, carol, device.conversation);
    const asked = await stranger.ask(`/v1/conversations/${device.conversation}/blobs/${blob.id}`, {
      headers: { 'parley-direct': '?1' },
    });
    expect([asked.code, asked.headers.location]).toEqual(['not_found', undefined]);
  });

  it('gives the app its chunks by range, without the app showing the store its token', async () => {
    const blob = await start(true);
    const got = await fetchChunks(device.conversation, blob, 1, 4);
    expect(got.equals(blob.bytes.subarray(chunk, 4 * chunk))).toBe(true);
    const [asked, ...others] = direct();
    expect(others).toEqual([]);
    expect(asked?.headers.range).toBe(`bytes=${chunk}-${4 * chunk - 1}`);
    expect(asked?.headers.authorization).toBeUndefined();
    expect(JSON.stringify(proxy.asked.map(({ url, headers }) => [url, headers]))).not.toContain(token);
  });

  it.each(['refuse', 'cut'] as const)('gives the app its chunks itself when the store does not (%s)', async (way) => {
    const blob = await start(true);
    withoutKey = way;
    const got = await fetchChunks(device.conversation, blob, 0, 6);
    expect(got.equals(blob.bytes)).toBe(true);
    expect(direct()).toHaveLength(1);
  });
});

describe('a relay that does not', () => {
  it('sends the app all by itself', async () => {
    const blob = await start(false);
    expect((await fetchChunks(device.conversation, blob, 0, 6)).equals(blob.bytes)).toBe(true);
    expect(direct()).toEqual([]);
  });
});
