/** What every storage of blobs must do, sentence by sentence of `ports/blobs.ts`. */
import { PassThrough, Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chunkFormat, createId, type UserId } from '../../protocol/index.ts';
import type { BlobStorage, ByteRange, UploadKey } from '../../signaling-server/ports/blobs.ts';
import { makeBlob, type MadeBlob } from '../support/relay-blobs.ts';

export interface BlobsUnderTest {
  readonly storage: BlobStorage;
  /** Opens the same data again, as after a restart. */
  reopen(): Promise<BlobStorage>;
  /** Another storage of its own, which takes so many bytes in all. */
  withCap(bytes: number): Promise<BlobStorage>;
  dispose(): Promise<void>;
}

const chunk = chunkFormat.sealedBytes;
/** Two whole chunks and a short one. */
const size = 2 * chunk + 1_000;

export function runBlobsContract(name: string, setup: () => Promise<BlobsUnderTest>): void {
  describe(`the blobs contract: ${name}`, () => {
    let subject: BlobsUnderTest;
    let storage: BlobStorage;
    let blob: MadeBlob;
    let upload: UploadKey;

    beforeEach(async () => {
      subject = await setup();
      storage = subject.storage;
      blob = makeBlob(size);
      upload = uploadOf(blob);
    });
    afterEach(() => subject.dispose());

    it('publishes an upload under its id, with the hashes of its chunks', async () => {
      expect(await storage.offset(upload)).toBe(0);
      expect(await storage.append(upload, 0, Readable.from([blob.bytes]))).toBe(size);
      expect(await storage.size(blob.id)).toBeNull();
      await storage.publish(upload);
      await storage.abandon(upload);
      expect(await storage.size(blob.id)).toBe(size);
      expect(await readAll(storage, blob)).toEqual(blob.bytes);
      expect(Buffer.from(await storage.hashes(blob.id))).toEqual(blob.hashes);
    });

    it('publishes blobs of every shape: one byte more than a chunk, whole chunks, and the one of an empty file', async () => {
      for (const bytes of [chunkFormat.tagBytes, chunk, chunk + 17, 2 * chunk]) {
        const made = makeBlob(bytes);
        await put(storage, made);
        expect([bytes, (await readAll(storage, made)).equals(made.bytes)]).toEqual([bytes, true]);
        expect(Buffer.from(await storage.hashes(made.id))).toEqual(made.hashes);
      }
    });

    it('reads any range', async () => {
      await put(storage, blob);
      const ranges = [
        [0, 0],
        [chunk - 1, chunk],
        [5, size - 5],
        [size - 1, size - 1],
      ] as const;
      for (const [from, to] of ranges) {
        expect(await read(storage, blob, { from, to })).toEqual(blob.bytes.subarray(from, to + 1));
      }
    });

    it('keeps what came before a stream broke, in whole chunks, and goes on there after a restart', async () => {
      expect(await storage.append(upload, 0, brokenAfter(blob.bytes.subarray(0, 2 * chunk - 5)))).toBe(chunk);
      expect(await storage.offset(upload)).toBe(chunk);
      storage = await subject.reopen();
      expect(await storage.offset(upload)).toBe(chunk);
      expect(await storage.append(upload, chunk, Readable.from([blob.bytes.subarray(chunk)]))).toBe(size);
      await storage.publish(upload);
      expect(await readAll(storage, blob)).toEqual(blob.bytes);
    });

    it('takes bytes in pieces of any size', async () => {
      const pieces = Array.from({ length: Math.ceil(size / 777) }, (_, at) =>
        blob.bytes.subarray(at * 777, (at + 1) * 777),
      );
      expect(await storage.append(upload, 0, Readable.from(pieces))).toBe(size);
      await storage.publish(upload);
      expect(await readAll(storage, blob)).toEqual(blob.bytes);
    });

    it('refuses another offset than the one it said, and changes nothing by that', async () => {
      await storage.append(upload, 0, Readable.from([blob.bytes.subarray(0, chunk)]));
      for (const wrong of [0, 1, 2 * chunk, size]) {
        const append = storage.append(upload, wrong, Readable.from([blob.bytes.subarray(wrong)]));
        await expect(append).rejects.toMatchObject({ code: 'blob_offset' });
      }
      expect(await storage.offset(upload)).toBe(chunk);
    });

    it('refuses more bytes than were announced', async () => {
      const append = storage.append(upload, 0, Readable.from([blob.bytes, Buffer.alloc(1)]));
      await expect(append).rejects.toMatchObject({ code: 'bad_request' });
      expect(await storage.size(blob.id)).toBeNull();
    });

    it('does not publish what is not the id’s, nor half of it, and forgets it', async () => {
      const forged = Buffer.from(blob.bytes);
      forged.writeUInt8(forged.readUInt8(chunk + 5) ^ 1, chunk + 5);
      await storage.append(upload, 0, Readable.from([forged]));
      await expect(storage.publish(upload)).rejects.toMatchObject({ code: 'blob_mismatch' });
      expect(await storage.offset(upload)).toBe(0);
      await storage.append(upload, 0, Readable.from([blob.bytes.subarray(0, chunk)]));
      await expect(storage.publish(upload)).rejects.toMatchObject({ code: 'blob_mismatch' });
      expect(await storage.size(blob.id)).toBeNull();
      expect(await storage.used()).toBe(0);
    });

    it('publishes again what was published, until the upload is ended', async () => {
      await storage.append(upload, 0, Readable.from([blob.bytes]));
      await storage.publish(upload);
      storage = await subject.reopen();
      expect(await storage.offset(upload)).toBe(size);
      await storage.publish(upload);
      await storage.abandon(upload);
      expect(await storage.offset(upload)).toBe(0);
      expect(await readAll(storage, blob)).toEqual(blob.bytes);
    });

    it('keeps the uploads of two users of one blob apart, and one blob of both', async () => {
      const other = uploadOf(blob);
      await storage.append(upload, 0, Readable.from([blob.bytes]));
      await storage.append(other, 0, Readable.from([blob.bytes.subarray(0, chunk)]));
      await storage.publish(upload);
      expect(await storage.offset(other)).toBe(chunk);
      await storage.append(other, chunk, Readable.from([blob.bytes.subarray(chunk)]));
      await storage.publish(other);
      await Promise.all([storage.abandon(upload), storage.abandon(other)]);
      expect(await readAll(storage, blob)).toEqual(blob.bytes);
      expect(await storage.used()).toBe(size);
    });

    it('lets a read end that began before the blob was removed', async () => {
      await put(storage, blob);
      const open = await storage.open(blob.id);
      await storage.remove(blob.id);
      expect(await storage.size(blob.id)).toBeNull();
      const sink = new Collector();
      await open.send({ from: 0, to: open.bytes - 1 }, sink);
      await open.close();
      expect(sink.bytes()).toEqual(blob.bytes);
      await storage.remove(blob.id);
      await expect(storage.open(blob.id)).rejects.toMatchObject({ code: 'not_found' });
      await expect(storage.hashes(blob.id)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('stops reading when the sink goes away', async () => {
      await put(storage, blob);
      const open = await storage.open(blob.id);
      const sink = new PassThrough({ highWaterMark: 1 });
      const sending = open.send({ from: 0, to: size - 1 }, sink);
      sink.destroy();
      await expect(sending).rejects.toThrow();
      await open.close();
    });

    it('counts what it keeps, across restarts, and what it gave back', async () => {
      await put(storage, blob);
      const half = uploadOf(makeBlob(size));
      await storage.append(half, 0, brokenAfter(makeBlob(size).bytes.subarray(0, chunk + 9)));
      expect(await storage.used()).toBe(size + chunk);
      storage = await subject.reopen();
      expect(await storage.used()).toBe(size + chunk);
      await storage.abandon(half);
      await storage.remove(blob.id);
      expect(await storage.used()).toBe(0);
    });

    it('says that it is full at its cap, keeps what was there, and goes on when there is room', async () => {
      const small = await subject.withCap(size + chunk);
      await put(small, blob);
      const second = makeBlob(size);
      const key = uploadOf(second);
      await expect(small.assertRoom(size)).rejects.toMatchObject({ code: 'storage_full' });
      const append = small.append(key, 0, Readable.from([second.bytes]));
      await expect(append).rejects.toMatchObject({ code: 'storage_full' });
      expect(await readAll(small, blob)).toEqual(blob.bytes);
      await small.remove(blob.id);
      const offset = await small.offset(key);
      expect(await small.append(key, offset, Readable.from([second.bytes.subarray(offset)]))).toBe(size);
      await small.publish(key);
      expect(await readAll(small, second)).toEqual(second.bytes);
    });

    it('leaves the stream alone when it is refused, so that its sender can be answered', async () => {
      const small = await subject.withCap(chunk);
      const source = new PassThrough();
      source.write(blob.bytes);
      await expect(small.append(upload, 0, source)).rejects.toMatchObject({ code: 'storage_full' });
      expect(source.destroyed).toBe(false);
    });

    it('lists half uploads by when they last grew', async () => {
      await storage.append(upload, 0, brokenAfter(blob.bytes.subarray(0, chunk)));
      expect(await storage.staleUploads(Date.now() - 60_000)).toEqual([]);
      expect(await storage.staleUploads(Date.now() + 60_000)).toEqual([upload]);
      await storage.abandon(upload);
      expect(await storage.staleUploads(Date.now() + 60_000)).toEqual([]);
    });

    it('is there', async () => {
      await storage.ping();
    });
  });
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

function readAll(storage: BlobStorage, { id, bytes }: MadeBlob): Promise<Buffer> {
  return read(storage, { id }, { from: 0, to: bytes.length - 1 });
}

async function read(storage: BlobStorage, { id }: Pick<MadeBlob, 'id'>, range: ByteRange): Promise<Buffer> {
  const open = await storage.open(id);
  const sink = new Collector();
  await open.send(range, sink);
  await open.close();
  return sink.bytes();
}

/** Keeps a copy of all that is written, late, so that a buffer filled again too early would show. */
class Collector extends Writable {
  readonly #parts: Buffer[] = [];

  override _write(part: Buffer, _encoding: string, done: () => void): void {
    setImmediate(() => {
      this.#parts.push(Buffer.from(part));
      done();
    });
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

function brokenAfter(bytes: Buffer): Readable {
  return Readable.from(
    (function* () {
      yield bytes;
      throw new Error('the line went dead');
    })(),
  );
}
