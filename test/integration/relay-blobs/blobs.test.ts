/** Blobs over HTTP, on a real relay: put there, gone on with, fetched, shared, taken away, and for members alone. */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import {
  blobPath,
  chunkFormat,
  createId,
  iceSchema,
  mediaLimitsSchema,
  sealedSize,
  type Session,
} from '../../../protocol/index.ts';
import type { Config } from '../../../signaling-server/config/settings-table.ts';
import { registerAt } from '../../support/plain-client.ts';
import { BlobDevice, makeBlob, openConversation } from '../../support/relay-blobs.ts';
import { startRelay, type TestRelay, type TestRelayOptions } from '../../support/start-relay.ts';

const chunk = chunkFormat.sealedBytes;
/** Of three chunks, the last of them short. */
const blobBytes = 2 * chunk + 1_000;
const dayMs = 86_400_000;

let relay: TestRelay;
let sessions: Record<'alice' | 'bob' | 'carol', Session>;
let alice: BlobDevice;
let bob: BlobDevice;
/** Knows alice, and is no member of her conversation with bob. */
let carol: BlobDevice;

afterEach(() => relay.stop());

async function start(config: Partial<Config> = {}, options: TestRelayOptions = {}): Promise<void> {
  relay = await startRelay({ ...options, config });
  const register = (name: string) => registerAt(relay.address, name);
  sessions = { alice: await register('alice'), bob: await register('bob'), carol: await register('carol') };
  const conversation = await openConversation(relay.address, sessions.alice, sessions.bob);
  alice = new BlobDevice(relay.address, sessions.alice, conversation);
  bob = new BlobDevice(relay.address, sessions.bob, conversation);
  carol = new BlobDevice(relay.address, sessions.carol, conversation);
}

describe('a blob', () => {
  it('is fetched by the other member as it was sent, with its hashes', async () => {
    await start();
    const blob = makeBlob(blobBytes);
    const begun = await alice.begin(blob);
    expect([begun.status, begun.json]).toEqual([201, { offset: 0, whole: false }]);
    expect((await bob.get(blob.id)).code).toBe('not_found');
    const sent = await alice.patch(blob.id, 0, blob.bytes);
    expect([sent.status, sent.headers['upload-offset'], sent.headers['upload-complete']]).toEqual([
      204,
      String(blobBytes),
      '?1',
    ]);
    const got = await bob.get(blob.id);
    expect([got.status, got.headers['accept-ranges'], got.headers['cache-control']]).toEqual([
      200,
      'bytes',
      'no-store',
    ]);
    expect(got.body.equals(blob.bytes)).toBe(true);
    expect((await bob.hashes(blob.id)).body.equals(blob.hashes)).toBe(true);
    const again = await alice.begin(blob);
    expect([again.status, again.json]).toEqual([200, { offset: blobBytes, whole: true }]);
    expect((await alice.patch(blob.id, 0, blob.bytes)).headers['upload-complete']).toBe('?1');
  });

  it('goes on after a cut in the middle of a chunk, from the last whole chunk', async () => {
    await start();
    const blob = makeBlob(blobBytes);
    await alice.begin(blob);
    await expect(alice.patch(blob.id, 0, cutAfter(blob.bytes.subarray(0, chunk + 777)))).rejects.toThrow();
    await expect.poll(async () => (await alice.head(blob.id)).headers['upload-offset']).toBe(String(chunk));
    const head = await alice.head(blob.id);
    expect([head.status, head.headers['upload-complete']]).toEqual([200, '?0']);
    expect((await alice.begin(blob)).json).toEqual({ offset: chunk, whole: false });
    await alice.patch(blob.id, chunk, blob.bytes.subarray(chunk));
    expect((await bob.get(blob.id)).body.equals(blob.bytes)).toBe(true);
  });

  it('is refused at a wrong offset with the right one, and without what it needs', async () => {
    await start();
    const blob = makeBlob(blobBytes);
    await alice.begin(blob);
    const wrong = await alice.patch(blob.id, chunk, blob.bytes.subarray(chunk));
    expect([wrong.status, wrong.code, wrong.headers['upload-offset']]).toEqual([409, 'blob_offset', '0']);
    const path = blobPath(alice.conversation, blob.id);
    const binary = { 'content-type': 'application/octet-stream' };
    const asks = [
      { headers: binary },
      { headers: { ...binary, 'upload-offset': '-1' } },
      { headers: { 'upload-offset': '0', 'content-type': 'application/json' } },
    ];
    for (const ask of asks) expect((await alice.ask(path, { method: 'PATCH', ...ask })).code).toBe('bad_request');
  });

  it('with other bytes than its id says is refused and forgotten', async () => {
    await start();
    const blob = makeBlob(blobBytes);
    await alice.begin(blob);
    const wrong = await alice.patch(blob.id, 0, randomBytes(blobBytes));
    expect([wrong.status, wrong.code]).toEqual([422, 'blob_mismatch']);
    expect((await alice.head(blob.id)).status).toBe(404);
    expect((await bob.get(blob.id)).code).toBe('not_found');
    await alice.upload(blob);
    expect((await bob.get(blob.id)).body.equals(blob.bytes)).toBe(true);
  });

  it('is refused past the size that was announced', async () => {
    await start();
    const blob = makeBlob(blobBytes);
    await alice.begin(blob);
    const more = await alice.patch(blob.id, 0, Buffer.concat([blob.bytes, Buffer.alloc(10)]));
    expect(more.code).toBe('bad_request');
    expect((await alice.head(blob.id)).headers['upload-complete']).toBe('?0');
  });

  it('answers ranges, and says what is wrong with those that are not in it', async () => {
    await start();
    const blob = makeBlob(blobBytes);
    await alice.upload(blob);
    const ranges = [
      ['bytes=0-0', 0, 0],
      [`bytes=${chunk}-${2 * chunk - 1}`, chunk, 2 * chunk - 1],
      [`bytes=${blobBytes - 5}-`, blobBytes - 5, blobBytes - 1],
      ['bytes=-7', blobBytes - 7, blobBytes - 1],
      [`bytes=10-${blobBytes * 2}`, 10, blobBytes - 1],
    ] as const;
    for (const [range, from, to] of ranges) {
      const got = await bob.get(blob.id, range);
      expect([got.status, got.headers['content-range']]).toEqual([206, `bytes ${from}-${to}/${blobBytes}`]);
      expect(got.body.equals(blob.bytes.subarray(from, to + 1))).toBe(true);
    }
    for (const range of [`bytes=${blobBytes}-`, 'bytes=5-4', 'bytes=-0', 'bytes=0-1,4-5', 'chunks=0-1', 'bytes=-']) {
      const { status, code, headers } = await bob.get(blob.id, range);
      expect([range, status, code, headers['content-range']]).toEqual([
        range,
        416,
        'range_invalid',
        `bytes */${blobBytes}`,
      ]);
    }
    const head = await bob.head(blob.id);
    expect([head.status, head.headers['content-length'], head.headers['upload-complete'], head.body.length]).toEqual([
      200,
      String(blobBytes),
      '?1',
      0,
    ]);
  });

  it('is nothing to a stranger, a guest without session and for ids that are none', async () => {
    await start();
    const blob = makeBlob(blobBytes);
    await alice.upload(blob);
    const unknown = makeBlob(100).id;
    const answers = [
      await carol.get(blob.id),
      await carol.head(blob.id),
      await carol.hashes(blob.id),
      await carol.begin(blob),
      await carol.patch(blob.id, 0, blob.bytes),
      await carol.drop(blob.id),
      await alice.get(unknown),
      await alice.patch(unknown, 0, Buffer.alloc(5)),
      await alice.drop(unknown),
      await alice.get('nonsense' as never),
      await alice.in(createId()).get(blob.id),
      await alice.in('nonsense' as never).get(blob.id),
      await bob.drop(blob.id),
    ];
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    const bodies = answers.map(({ body }) => body.toString()).filter((body) => body !== '');
    expect(new Set(bodies).size).toBe(1);
    expect((await fetch(`${relay.address}${blobPath(alice.conversation, blob.id)}`)).status).toBe(401);
    expect((await bob.get(blob.id)).status).toBe(200);
  });

  it('is no longer served to who is a member no more', async () => {
    const dataDir = (await import('../../support/relay-config.ts')).temporaryFolder();
    await start({}, { dataDir: await dataDir });
    const blob = makeBlob(blobBytes);
    await alice.upload(blob);
    const { port } = relay;
    await relay.stop();
    const db = new Database(`${await dataDir}/relay.db`);
    db.prepare("DELETE FROM members WHERE user = (SELECT id FROM users WHERE username = 'bob')").run();
    db.close();
    relay = await startRelay({ dataDir: await dataDir, port });
    expect((await bob.get(blob.id)).code).toBe('not_found');
    expect((await alice.get(blob.id)).status).toBe(200);
  });
});

describe('who holds a blob', () => {
  it('may pass it on to another conversation without sending it again, and it stays until the last lets go', async () => {
    await start();
    const blob = makeBlob(blobBytes);
    await alice.upload(blob);
    const bobCarol = await openConversation(relay.address, sessions.bob, sessions.carol);
    expect((await bob.in(bobCarol).begin(blob)).json).toEqual({ offset: blobBytes, whole: true });
    expect((await carol.in(bobCarol).get(blob.id)).body.equals(blob.bytes)).toBe(true);
    expect((await carol.get(blob.id)).code).toBe('not_found');
    expect((await alice.drop(blob.id)).status).toBe(204);
    expect((await alice.get(blob.id)).code).toBe('not_found');
    expect((await carol.in(bobCarol).get(blob.id)).status).toBe(200);
    expect(await usedBytes()).toBe(blobBytes);
    expect((await bob.in(bobCarol).drop(blob.id)).status).toBe(204);
    expect((await carol.in(bobCarol).get(blob.id)).code).toBe('not_found');
    expect(await usedBytes()).toBe(0);
  });

  it('who only knows its id has to send it whole', async () => {
    await start();
    const blob = makeBlob(blobBytes);
    await alice.upload(blob);
    const bobCarol = await openConversation(relay.address, sessions.bob, sessions.carol);
    const stranger = carol.in(bobCarol);
    expect((await stranger.begin(blob)).json).toEqual({ offset: 0, whole: false });
    expect((await stranger.get(blob.id)).code).toBe('not_found');
    await stranger.patch(blob.id, 0, blob.bytes);
    expect((await bob.in(bobCarol).get(blob.id)).status).toBe(200);
    expect(await usedBytes()).toBe(blobBytes);
  });

  it('may give a half upload up', async () => {
    await start();
    const blob = makeBlob(blobBytes);
    await alice.begin(blob);
    await expect(alice.patch(blob.id, 0, cutAfter(blob.bytes.subarray(0, chunk)))).rejects.toThrow();
    await expect.poll(usedBytes).toBe(chunk);
    expect((await alice.drop(blob.id)).status).toBe(204);
    expect((await alice.head(blob.id)).status).toBe(404);
    expect(await usedBytes()).toBe(0);
  });
});

describe('two uploads of one blob at once', () => {
  it('by two devices of one user do it no harm: one goes on, the other is told to wait', async () => {
    await start();
    const blob = makeBlob(40 * chunk);
    await alice.begin(blob);
    const slow = alice.open(blobPath(alice.conversation, blob.id), {
      method: 'PATCH',
      headers: { 'content-type': 'application/octet-stream', 'upload-offset': 0, 'content-length': blob.bytes.length },
    });
    const answered = new Promise<number>((resolve) =>
      slow.on('response', ({ statusCode }) => resolve(statusCode ?? 0)),
    );
    let at = 0;
    const dripping = setInterval(() => slow.write(blob.bytes.subarray(at, (at += 100_000))), 100);
    slow.write(blob.bytes.subarray(at, (at += 100_000)));
    await expect.poll(() => slow.socket?.bytesWritten ?? 0).toBeGreaterThan(100_000);
    const second = await alice.patch(blob.id, 0, blob.bytes);
    expect([second.status, second.code]).toEqual([409, 'blob_offset']);
    clearInterval(dripping);
    slow.end(blob.bytes.subarray(at));
    expect(await answered).toBe(204);
    expect((await bob.get(blob.id)).body.equals(blob.bytes)).toBe(true);
  });

  it('a connection that died without a word is taken over by the next', async () => {
    await start();
    const blob = makeBlob(blobBytes);
    await alice.begin(blob);
    const dead = alice.open(blobPath(alice.conversation, blob.id), {
      method: 'PATCH',
      headers: { 'content-type': 'application/octet-stream', 'upload-offset': 0, 'content-length': blobBytes },
    });
    const cut = new Promise((resolve) => dead.once('error', resolve));
    dead.write(blob.bytes.subarray(0, chunk + 5));
    await expect.poll(usedBytes).toBeGreaterThan(chunk);
    const told = await alice.patch(blob.id, 0, blob.bytes);
    await cut;
    expect([told.code, told.headers['upload-offset']]).toEqual(['blob_offset', String(chunk)]);
    expect((await alice.patch(blob.id, chunk, blob.bytes.subarray(chunk))).status).toBe(204);
    expect((await bob.get(blob.id)).body.equals(blob.bytes)).toBe(true);
  });

  it('whose last byte both have seen are whole for both, as after a cut at the very end', async () => {
    await start();
    for (let round = 0; round < 10; round++) {
      const blob = makeBlob(blobBytes);
      await alice.begin(blob);
      let isSent = false;
      const sending = alice.patch(blob.id, 0, blob.bytes).finally(() => (isSent = true));
      while (!isSent) expect((await alice.begin(blob)).code).toBeUndefined();
      const sent = await sending;
      expect([sent.status, sent.headers['upload-complete']]).toEqual([204, '?1']);
      expect((await bob.get(blob.id)).body.equals(blob.bytes)).toBe(true);
    }
    expect((await alice.ask('/v1/media')).json).toMatchObject({ usedBytes: 10 * blobBytes });
  });

  it('by two members leave one blob that both hold', async () => {
    await start();
    const blob = makeBlob(20 * chunk);
    await Promise.all([alice.begin(blob), bob.begin(blob)]);
    const sent = await Promise.all([alice.patch(blob.id, 0, blob.bytes), bob.patch(blob.id, 0, blob.bytes)]);
    expect(sent.map(({ status }) => status)).toEqual([204, 204]);
    await alice.drop(blob.id);
    expect((await alice.get(blob.id)).body.equals(blob.bytes)).toBe(true);
    expect(await usedBytes()).toBe(blob.bytes.length);
  });
});

describe('what the relay does not take', () => {
  it('is refused before a byte is sent, in words that name the limit', async () => {
    await start({ maxFileBytes: 1024 * 1024, userQuotaBytes: 1024 * 1024, mediaCapBytes: 5 * chunk + 1_000 });
    const large = await alice.begin(makeBlob(100), sealedSize(1024 * 1024 + 1));
    expect([large.status, large.code, large.json.error?.message]).toEqual([
      413,
      'blob_too_large',
      expect.stringContaining('up to 1 MiB'),
    ]);
    const odd = await alice.begin(makeBlob(100), chunk + 3);
    expect([odd.status, odd.code]).toEqual([400, 'bad_request']);
    const first = makeBlob(3 * chunk);
    await alice.upload(first);
    const second = await alice.begin(makeBlob(2 * chunk));
    expect([second.status, second.code, second.json.error?.message]).toEqual([
      507,
      'quota_exceeded',
      expect.stringContaining('1 MiB'),
    ]);
    const full = await bob.begin(makeBlob(3 * chunk));
    expect([full.status, full.code]).toEqual([507, 'storage_full']);
    await alice.drop(first.id);
    await alice.upload(makeBlob(2 * chunk));
    const limits = mediaLimitsSchema.parse((await alice.ask('/v1/media')).json);
    expect(limits).toEqual({
      blobBytes: sealedSize(1024 * 1024),
      usedBytes: 2 * chunk,
      quotaBytes: 1024 * 1024,
      keepDays: null,
    });
    expect((await bob.ask('/v1/media')).json).toMatchObject({ usedBytes: 0 });
  });

  it('are files at all, when its admin wants none', async () => {
    await start({ maxFileBytes: 0 });
    const refused = await alice.begin(makeBlob(chunkFormat.tagBytes));
    expect([refused.code, refused.json.error?.message]).toEqual([
      'blob_too_large',
      expect.stringContaining('no files'),
    ]);
    expect((await alice.ask('/v1/media')).json).toMatchObject({ blobBytes: 0 });
  });

  it('are too many uploads a minute, or too many transfers at once', async () => {
    await start({ uploadsPerMinute: 2, transfersPerUser: 1 });
    const blob = makeBlob(300 * chunk);
    await alice.upload(blob);
    await alice.begin(makeBlob(100 + chunkFormat.tagBytes));
    const third = await alice.begin(makeBlob(chunkFormat.tagBytes));
    expect([third.status, third.code, Number(third.headers['retry-after'])]).toEqual([
      429,
      'rate_limited',
      expect.any(Number),
    ]);
    const reading = alice.open(blobPath(alice.conversation, blob.id), {}, (answer) => answer.pause());
    reading.on('error', () => {}).end();
    await new Promise((resolve) => reading.once('response', resolve));
    expect((await alice.get(blob.id)).code).toBe('rate_limited');
    expect((await bob.get(blob.id, 'bytes=0-9')).status).toBe(206);
    reading.destroy();
    await expect.poll(async () => (await alice.get(blob.id, 'bytes=0-9')).status).toBe(206);
  });
});

describe('the sweep', () => {
  it('removes what is older than the admin keeps it, and nothing sent or sent again since', async () => {
    let now = Date.now();
    await start({ mediaKeepDays: 10 }, { clock: () => now });
    const [old, renewed] = [makeBlob(blobBytes), makeBlob(blobBytes)];
    await alice.upload(old);
    await alice.upload(renewed);
    now += 8 * dayMs;
    expect((await alice.begin(renewed)).json.whole).toBe(true);
    now += 2 * dayMs + 1_000;
    await relay.sweepBlobs();
    expect((await bob.get(old.id)).code).toBe('not_found');
    expect((await bob.get(renewed.id)).status).toBe(200);
    expect(await usedBytes()).toBe(blobBytes);
    expect((await alice.ask('/v1/media')).json).toMatchObject({ keepDays: 10 });
  });

  it('leaves an old half upload to a sender who has just asked where it stands', async () => {
    let now = Date.now();
    await start({ uploadKeepHours: 2 }, { clock: () => now });
    const blob = makeBlob(blobBytes);
    await alice.begin(blob);
    await alice.patch(blob.id, 0, blob.bytes.subarray(0, chunk));
    now += dayMs;
    expect((await alice.begin(blob)).json).toEqual({ offset: chunk, whole: false });
    await relay.sweepBlobs();
    expect((await alice.patch(blob.id, chunk, blob.bytes.subarray(chunk))).headers['upload-complete']).toBe('?1');
    expect((await bob.get(blob.id)).body.equals(blob.bytes)).toBe(true);
  });

  it('ends uploads that nobody went on with', async () => {
    let now = Date.now();
    await start({ uploadKeepHours: 2 }, { clock: () => now });
    const blob = makeBlob(blobBytes);
    await alice.begin(blob);
    await expect(alice.patch(blob.id, 0, cutAfter(blob.bytes.subarray(0, chunk)))).rejects.toThrow();
    await expect.poll(async () => (await alice.head(blob.id)).headers['upload-offset']).toBe(String(chunk));
    now += dayMs / 24;
    await relay.sweepBlobs();
    expect((await alice.head(blob.id)).headers['upload-offset']).toBe(String(chunk));
    // The connection that was cut may make its last note only now: time goes on at each look.
    await expect
      .poll(async () => {
        now += dayMs / 12 + 1;
        await relay.sweepBlobs();
        return (await alice.head(blob.id)).status;
      })
      .toBe(404);
    expect(await usedBytes()).toBe(0);
    expect((await alice.ask('/v1/media')).json).toMatchObject({ usedBytes: 0 });
  });
});

describe('GET /v1/ice', () => {
  it('gives the servers with credentials that coturn takes, for a while', async () => {
    const turnUrls = ['turn:turn.example.org:3478', 'turns:turn.example.org:5349'];
    const now = 1_700_000_000_500;
    await start(
      { stunUrls: ['stun:turn.example.org'], turnUrls, turnSecret: 'north', turnTtlSeconds: 600 },
      { clock: () => now },
    );
    const ice = iceSchema.parse((await alice.ask('/v1/ice')).json);
    const username = `1700000600:${sessions.alice.account.id}`;
    const { createHmac } = await import('node:crypto');
    expect(ice).toEqual({
      servers: [
        { urls: ['stun:turn.example.org'] },
        { urls: turnUrls, username, credential: createHmac('sha1', 'north').update(username).digest('base64') },
      ],
      direct: 'on',
      ttlSeconds: 600,
    });
    expect((await fetch(`${relay.address}/v1/ice`)).status).toBe(401);
  });

  it('names no server where the admin wants no direct connections', async () => {
    await start({ direct: 'off', stunUrls: ['stun:turn.example.org'] });
    expect((await alice.ask('/v1/ice')).json).toEqual({ servers: [], direct: 'off', ttlSeconds: 86_400 });
  });
});

/** What the relay says that blobs take on its disk. */
async function usedBytes(): Promise<number> {
  const metrics = await (await fetch(`${relay.address}/metrics`)).text();
  return Number(/^parley_blob_bytes (\d+)/m.exec(metrics)?.[1]);
}

/** Sends these bytes, and then the line is cut. */
function cutAfter(bytes: Buffer): Readable {
  return Readable.from(
    (async function* () {
      yield bytes;
      await expect.poll(usedBytes).toBeGreaterThanOrEqual(Math.floor(bytes.length / chunk) * chunk);
      throw new Error('cut');
    })(),
  );
}
