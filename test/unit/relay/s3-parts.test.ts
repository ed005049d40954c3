/** The small parts of the S3 adapters: addresses, refusals, XML, bounded memory, sizes of parts. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { limits, sealedSize, chunkFormat } from '../../../protocol/index.ts';
import { MemoryBudget } from '../../../signaling-server/adapters/s3/memory-budget.ts';
import { partBytesOf } from '../../../signaling-server/adapters/s3/part-writer.ts';
import { S3Refusal, settingsFault, toS3Error } from '../../../signaling-server/adapters/s3/s3-errors.ts';
import { parseS3Url } from '../../../signaling-server/adapters/s3/s3-place.ts';
import { blocksOf, escapeText, tagOf } from '../../../signaling-server/adapters/s3/s3-xml.ts';
import { createS3Client } from '../../../signaling-server/adapters/s3/s3-client.ts';

describe('the address of an object store', () => {
  it('is Amazon’s in the region named, with the bucket in the host’s name', () => {
    expect(parseS3Url('s3://media/parley/a?region=eu-central-1')).toEqual({
      bucket: 'media',
      prefix: 'parley/a/',
      region: 'eu-central-1',
      base: 'https://media.s3.eu-central-1.amazonaws.com',
    });
    expect(parseS3Url('s3://media')).toMatchObject({ prefix: '', base: 'https://media.s3.us-east-1.amazonaws.com' });
  });

  it('is that of a store of one’s own, with the bucket in the path, or in the name where that is asked for', () => {
    const own = 's3://media/x/?endpoint=http://10.0.0.5:9000/s3/';
    expect(parseS3Url(own)).toMatchObject({ prefix: 'x/', base: 'http://10.0.0.5:9000/s3/media' });
    expect(parseS3Url(`${own}&style=host`).base).toBe('http://media.10.0.0.5:9000/s3');
  });

  it.each([
    'https://media.example.org',
    's3://',
    's3://media?endpoint=example.org',
    's3://media?style=other',
    's3://media?regoin=eu',
    's3://key:secret@media',
  ])('is refused with words when it is %s', (written) => {
    expect(() => parseS3Url(written)).toThrow(/The address of the object store cannot be used/);
  });
});

describe('what a store refuses', () => {
  const place = parseS3Url('s3://media?endpoint=https://s3.example.org&region=eu');
  const refusal = (status: number, code: string) =>
    new S3Refusal(status, `<Error><Code>${code}</Code><Message>words</Message></Error>`);

  it('is told to the admin where the settings are at fault, and says what to do', () => {
    const fault = (status: number, code: string) => settingsFault(refusal(status, code), place)?.message;
    expect(fault(404, 'NoSuchBucket')).toMatch(/no bucket "media".*Make it there/);
    expect(fault(403, 'SignatureDoesNotMatch')).toMatch(/s3SecretKey/);
    expect(fault(403, 'RequestTimeTooSkewed')).toMatch(/clock/);
    expect(fault(400, 'AuthorizationHeaderMalformed')).toMatch(/region "eu"/);
    expect(fault(503, 'SlowDown')).toBeUndefined();
  });

  it('is "full" where disks and quotas are, and "try again" everywhere else', () => {
    const codeOf = (status: number, code: string) => toS3Error(refusal(status, code)).code;
    for (const [status, code] of [
      [507, ''],
      [507, 'XMinioStorageFull'],
      [403, 'QuotaExceeded'],
      [413, 'EntityTooLarge'],
    ] as const) {
      expect([code, codeOf(status, code)]).toEqual([code, 'storage_full']);
    }
    for (const [status, code] of [
      [503, 'SlowDown'],
      [500, 'InternalError'],
      [403, 'AccessDenied'],
    ] as const) {
      expect([code, codeOf(status, code)]).toEqual([code, 'unavailable']);
    }
    expect(toS3Error(new Error('ECONNRESET')).code).toBe('unavailable');
  });

  it('is asked again where it may pass, and not where it will not', () => {
    const passes = (status: number, code: string) => refusal(status, code).passes;
    expect([passes(503, 'SlowDown'), passes(500, 'InternalError'), passes(429, '')]).toEqual([true, true, true]);
    expect([passes(403, 'AccessDenied'), passes(404, 'NoSuchKey'), passes(507, ''), passes(501, '')]).toEqual([
      ...[false, false, false, false],
    ]);
  });
});

describe('the XML of a store', () => {
  it('is read with its entities, and told nothing apart that is not named', () => {
    const xml = `<R xmlns="x"><Contents><Key>a&amp;b&#x41;&#66;</Key><Size>5</Size></Contents><Contents><Key/></Contents></R>`;
    expect(blocksOf(xml, 'Contents')).toHaveLength(2);
    expect(tagOf(xml, 'Key')).toBe('a&bAB');
    expect(tagOf(xml, 'Nothing')).toBeNull();
    expect(tagOf(`<A>${escapeText('"<&\'>')}</A>`, 'A')).toBe('"<&\'>');
  });
});

describe('parts', () => {
  it('are whole chunks of at least 5 MiB, and never more than a store takes', () => {
    for (const bytes of [1, 5 * 1024 ** 2, 1024 ** 3, limits.fileBytes]) {
      const blob = sealedSize(bytes);
      const part = partBytesOf(blob);
      expect(part % chunkFormat.sealedBytes).toBe(0);
      expect(part).toBeGreaterThanOrEqual(5 * 1024 ** 2);
      expect(part).toBeLessThan(8 * 1024 ** 2);
      expect(Math.ceil(blob / part)).toBeLessThanOrEqual(10_000);
    }
  });
});

describe('the memory of all uploads', () => {
  it('is given in turn, never more than there is, and refused after a while', async () => {
    const budget = new MemoryBudget(100, 30);
    await budget.take(60);
    const order: string[] = [];
    const second = budget.take(60).then(() => order.push('second'));
    const third = budget.take(10).then(() => order.push('third'));
    expect(budget.held).toBe(60);
    budget.give(60);
    await Promise.all([second, third]);
    expect([order, budget.held]).toEqual([['second', 'third'], 70]);
    await expect(budget.take(50)).rejects.toMatchObject({ code: 'unavailable' });
    budget.give(70);
    await budget.take(500);
    expect(budget.held).toBe(500);
  });

  it('is free again for who comes after one that gave up', async () => {
    const budget = new MemoryBudget(100, 20);
    await budget.take(90);
    const tooMuch = budget.take(50);
    const little = budget.take(10);
    await expect(tooMuch).rejects.toMatchObject({ code: 'unavailable' });
    await little;
    expect(budget.held).toBe(100);
  });
});

describe('a direct address', () => {
  it('is signed for one object and a time, and has neither the secret nor the key’s owner in it', async () => {
    const place = parseS3Url('s3://media/p?endpoint=https://s3.example.org');
    const keys = { accessKey: 'AKID', secretKey: 'top-secret' };
    const client = createS3Client({ place, keys, clock: () => Date.UTC(2026, 0, 31, 23, 59, 59) });
    const url = new URL(await client.presign('blobs/ab/x', 120));
    expect(url.origin + url.pathname).toBe('https://s3.example.org/media/p/blobs/ab/x');
    expect(url.searchParams.get('X-Amz-Expires')).toBe('120');
    expect(url.searchParams.get('X-Amz-Date')).toBe('20260131T235959Z');
    expect(url.searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
    expect(url.href).not.toContain('top-secret');
    client.close();
  });
});

describe('the connections to a store', () => {
  it('leave room for short requests, however many downloads stand still', async () => {
    const server = createServer(({ headers }, answer) => {
      if (headers.range === undefined) answer.end('short');
      else answer.writeHead(206, { 'content-length': 1_000 }).write('a little');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const place = parseS3Url(`s3://media?endpoint=http://127.0.0.1:${port}`);
    const client = createS3Client({ place, keys: { accessKey: 'a', secretKey: 'b' }, clock: Date.now });
    const reads = Array.from({ length: 300 }, () =>
      client.open({ method: 'GET', key: 'large', headers: { range: 'bytes=0-999' } }),
    );
    const downloads = await Promise.all(reads);
    expect((await client.ask({ method: 'GET', key: 'small' })).body.toString()).toBe('short');
    for (const download of downloads) download.destroy();
    client.close();
    server.closeAllConnections();
    server.close();
  });
});
