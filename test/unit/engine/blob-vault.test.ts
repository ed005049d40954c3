/** The vault: whatever way chunks come and whatever befalls the disk, a file opens as it was sealed or not at all. */
import { readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunkCount, chunkFormat, chunkPlace, limits, plainSize, sealedSize } from '../../../protocol/index.ts';
import { ChunkSet } from '../../../main/engine/blobs/chunk-set.ts';
import { blobIdOf, hashOfChunk, openChunk, sealChunk } from '../../../main/engine/blobs/chunk-sealing.ts';
import { temporaryFolder } from '../../support/engine-client.ts';
import { eventually } from '../../support/engine-people.ts';
import { damageFile, foreignBlob, madeUpBytes, openTestVault, readBack } from '../../support/engine-vault.ts';

const chunk = chunkFormat.plainBytes;
const anySize = fc.oneof(
  fc.integer({ min: 0, max: limits.fileBytes }),
  fc.integer({ min: 0, max: 5 }).map((count) => count * chunk),
  fc.integer({ min: 1, max: 5 }).map((count) => count * chunk - 1),
  fc.integer({ min: 0, max: 5 }).map((count) => count * chunk + 1),
);

test('the places of all chunks fill file and blob without holes, and sizes turn back into one another', () => {
  fc.assert(
    fc.property(anySize, fc.double({ min: 0, max: 1, noNaN: true }), (bytes, part) => {
      const chunks = chunkCount(bytes);
      const index = Math.min(chunks - 1, Math.floor(part * chunks));
      const place = chunkPlace(bytes, index);
      const next = chunkPlace(bytes, index + 1);
      expect(place.last).toBe(index === chunks - 1);
      if (place.last) {
        expect(place.plainStart + place.plainBytes).toBe(bytes);
        expect(place.sealedStart + place.sealedBytes).toBe(sealedSize(bytes));
      } else {
        expect(place.plainStart + place.plainBytes).toBe(next.plainStart);
        expect(place.sealedStart + place.sealedBytes).toBe(next.sealedStart);
      }
      expect(plainSize(sealedSize(bytes))).toBe(bytes);
    }),
  );
});

test('a bitmap knows what a set knows, however it is cut into runs and read back', () => {
  const sizes = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(
      sizes,
      fc.array(fc.tuple(fc.boolean(), fc.nat(299))),
      fc.nat(299),
      fc.integer({ min: 1, max: 40 }),
      (size, steps, from, limit) => {
        const truth = new Set<number>();
        const chunks = new ChunkSet(size);
        for (const [adds, index] of steps.filter(([, at]) => at < size)) {
          if (adds) truth.add(index);
          else truth.delete(index);
          if (adds) chunks.add(index);
          else chunks.delete(index);
        }
        expect(chunks.count).toBe(truth.size);
        expect(chunks.isFull).toBe(truth.size === size);
        const inRuns = chunks
          .runs()
          .flatMap((run) => Array.from({ length: run.to - run.from }, (_, at) => run.from + at));
        expect(inRuns).toEqual([...truth].sort((one, other) => one - other));
        const missing = Array.from({ length: size }, (_, at) => at).filter((at) => !truth.has(at));
        const first = missing.find((at) => at >= (from < size ? from : 0)) ?? missing[0];
        const run = chunks.missing(from, limit);
        expect(run?.from).toBe(first);
        for (let at = run?.from ?? 0; at < (run?.to ?? 0); at++) expect(truth.has(at)).toBe(false);
        if (run) expect(run.to - run.from === limit || run.to === size || truth.has(run.to)).toBe(true);
        const again = new ChunkSet(size, chunks.toBytes());
        expect(again.runs()).toEqual(chunks.runs());
        expect(again.count).toBe(truth.size);
      },
    ),
  );
  expect(new ChunkSet(3, new Uint8Array([0xff, 0xff])).count).toBe(3);
});

test('a sealed chunk opens only whole, under its key, at its place, as the last one or not', () => {
  const key = madeUpBytes(chunkFormat.keyBytes);
  const input = fc.record({
    plain: fc.uint8Array({ maxLength: 200 }),
    index: fc.nat(1_000_000),
    last: fc.boolean(),
    at: fc.nat(),
    cut: fc.integer({ min: 1, max: 16 }),
  });
  fc.assert(
    fc.property(input, ({ plain, index, last, at, cut }) => {
      const sealed = sealChunk(key, index, last, plain);
      expect(openChunk(key, index, last, sealed)?.equals(Buffer.from(plain))).toBe(true);
      const spoilt = Buffer.from(sealed);
      spoilt[at % spoilt.byteLength] = (spoilt[at % spoilt.byteLength] ?? 0) ^ 1;
      expect(openChunk(key, index, last, spoilt)).toBeNull();
      expect(openChunk(key, index, last, sealed.subarray(0, sealed.byteLength - cut))).toBeNull();
      expect(openChunk(key, index + 1, last, sealed)).toBeNull();
      expect(openChunk(key, index, !last, sealed)).toBeNull();
      expect(openChunk(madeUpBytes(chunkFormat.keyBytes, 2), index, last, sealed)).toBeNull();
    }),
  );
});

test('the format never changes: a known file under a known key is the known blob', () => {
  const key = Uint8Array.from({ length: 32 }, (_, at) => at);
  const plain = Uint8Array.from({ length: chunk + 3 }, (_, at) => at % 251);
  const sealed = [sealChunk(key, 0, false, plain.subarray(0, chunk)), sealChunk(key, 1, true, plain.subarray(chunk))];
  expect(sealed[1]?.toString('hex')).toMatchInlineSnapshot(`"71b3d9345b0a3f61539eec73bbb42a3aa04538"`);
  expect(blobIdOf(Buffer.concat(sealed.map(hashOfChunk)))).toMatchInlineSnapshot(
    `"a6339cba37449ce72ab68335b79761bc2871899ad96a9fef9bfe8ce60ca0cda5"`,
  );
});

test('chunks in any order, from good and bad sources, with crashes between, end as the file that was sealed', async () => {
  const size = fc.integer({ min: 0, max: 3 * chunk + 5 });
  const steps = fc.array(
    fc.oneof(
      fc.record({ do: fc.constant('put' as const), index: fc.nat(3) }),
      fc.record({ do: fc.constant('spoil' as const), index: fc.nat(3), at: fc.nat() }),
      fc.record({ do: fc.constant('cut' as const), index: fc.nat(3), by: fc.integer({ min: 1, max: chunk }) }),
      fc.record({ do: fc.constant('misplace' as const), index: fc.nat(3) }),
      fc.record({ do: fc.constantFrom('flush' as const, 'close' as const, 'crash' as const) }),
    ),
    { maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(size, steps, async (bytes, todo) => {
      const here = await openTestVault(await temporaryFolder());
      const blob = foreignBlob(madeUpBytes(bytes));
      const count = blob.chunks.length;
      const held = new Set<number>();
      await here.vault.expect(blob);
      expect(await here.vault.takeHashes(blob.blob, new Uint8Array(32 * count))).toBe(false);
      expect(await here.vault.takeHashes(blob.blob, blob.hashes)).toBe(true);
      for (const step of todo) {
        if (!('index' in step)) {
          if (step.do === 'flush') await here.vault.flush();
          else await here.reopen(step.do);
          // Nothing that came is lost, flushed or not: what the bitmap missed is found in the file.
          expect((await here.vault.expect(blob)).heldChunks).toBe(held.size);
        } else {
          const index = step.index % count;
          const good = blob.chunks[index] ?? new Uint8Array();
          if (step.do === 'put') {
            expect(await here.vault.put(blob.blob, index, good)).toBe(held.has(index) ? 'repeated' : 'stored');
            held.add(index);
          } else if (!held.has(index)) {
            const bad = Buffer.from(
              step.do === 'cut' ? good.subarray(0, Math.max(0, good.byteLength - step.by)) : good,
            );
            if (step.do === 'spoil') bad[step.at % bad.byteLength] = (bad[step.at % bad.byteLength] ?? 0) ^ 1;
            const sent = step.do === 'misplace' ? (blob.chunks[(index + 1) % count] ?? bad) : bad;
            if (step.do === 'misplace' && count === 1) continue;
            expect(await here.vault.put(blob.blob, index, sent)).toBe('refused');
          }
        }
        expect(here.vault.held(blob.blob).reduce((sum, run) => sum + run.to - run.from, 0)).toBe(held.size);
      }
      for (let run = here.vault.missing(blob.blob, 0, 2); run; run = here.vault.missing(blob.blob, run.to, 2)) {
        for (let at = run.from; at < run.to; at++)
          await here.vault.put(blob.blob, at, blob.chunks[at] ?? new Uint8Array());
      }
      expect(here.vault.state(blob.blob)).toMatchObject({ whole: true, heldBytes: bytes, heldChunks: count });
      await here.reopen('crash');
      expect(here.vault.state(blob.blob)?.whole).toBe(true);
      expect((await readBack(here.vault, blob))?.equals(Buffer.from(blob.plain))).toBe(true);
      const sealed: Uint8Array[] = [];
      for await (const part of here.vault.sealedStream(blob.blob, 0)) sealed.push(Uint8Array.from(part));
      expect(Buffer.concat(sealed).equals(Buffer.concat(blob.chunks))).toBe(true);
      await here.vault.close();
      here.store.close();
    }),
    { numRuns: 25 },
  );
}, 60_000);

test('what is written into the vault in any pieces comes back, under an id that everybody works out alike', async () => {
  const here = await openTestVault(await temporaryFolder());
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: chunk + 9 }), { maxLength: 5 }), async (sizes) => {
      const pieces = sizes.map((size, at) => madeUpBytes(size, at));
      const writer = here.vault.writer();
      for (const piece of pieces) await writer.write(piece);
      const ref = await writer.finish();
      const plain = Buffer.concat(pieces);
      expect(ref.bytes).toBe(plain.byteLength);
      await here.vault.adopt([ref], () => {});
      expect(here.vault.state(ref.blob)?.whole).toBe(true);
      expect((await readBack(here.vault, ref))?.equals(plain)).toBe(true);
      const hashes = (await here.vault.hashes(ref.blob)) ?? new Uint8Array();
      expect(blobIdOf(hashes)).toBe(ref.blob);
      for (let index = 0; index < chunkCount(ref.bytes); index++) {
        const sealed = await here.vault.sealed(ref.blob, index);
        const { plainStart, plainBytes, last } = chunkPlace(ref.bytes, index);
        expect(openChunk(ref.key, index, last, sealed ?? new Uint8Array())).toEqual(
          plain.subarray(plainStart, plainStart + plainBytes),
        );
      }
    }),
    { numRuns: 15 },
  );
  await here.vault.close();
  here.store.close();
}, 60_000);

test('a damaged, a cut off and a vanished file is noticed on reading, and what is missing can be put again', async () => {
  const here = await openTestVault(await temporaryFolder());
  const blob = foreignBlob(madeUpBytes(3 * chunk));
  await here.vault.expect(blob);
  await here.vault.takeHashes(blob.blob, blob.hashes);
  for (const [index, sealed] of blob.chunks.entries()) await here.vault.put(blob.blob, index, sealed);
  let told = 0;
  here.vault.onProgress(blob.blob, () => told++);
  damageFile(here.dataFile(blob.blob), chunkFormat.sealedBytes + 100);
  expect(await here.vault.plain(blob.blob, 0, 10)).toEqual(blob.plain.subarray(0, 10));
  expect(await here.vault.plain(blob.blob, chunk - 5, 10)).toBeNull();
  expect(told).toBe(1);
  expect(here.vault.missing(blob.blob, 0, 9)).toEqual({ from: 1, to: 2 });
  await here.reopen();
  expect(here.vault.state(blob.blob)).toMatchObject({ whole: false, heldChunks: 2, heldBytes: 2 * chunk });
  expect(await here.vault.put(blob.blob, 1, blob.chunks[1] ?? new Uint8Array())).toBe('stored');

  truncateSync(here.dataFile(blob.blob), chunkFormat.sealedBytes * 2 - 1);
  await here.reopen();
  expect(await here.vault.sealed(blob.blob, 1)).toBeNull();
  expect(await here.vault.sealed(blob.blob, 2)).toBeNull();
  expect(here.vault.held(blob.blob)).toEqual([{ from: 0, to: 1 }]);
  await here.vault.flush();
  renameSync(here.dataFile(blob.blob), `${here.dataFile(blob.blob)}.gone`);
  await here.reopen();
  expect((await here.vault.expect(blob)).heldChunks).toBe(0);
  await here.vault.close();
  here.store.close();
});

test('the hashes of a whole blob are made again when they are lost, and those of a half one are asked for', async () => {
  const here = await openTestVault(await temporaryFolder());
  const [whole, half] = [foreignBlob(madeUpBytes(2 * chunk, 1)), foreignBlob(madeUpBytes(2 * chunk, 2))];
  for (const blob of [whole, half]) {
    await here.vault.expect(blob);
    await here.vault.takeHashes(blob.blob, blob.hashes);
    await here.vault.put(blob.blob, 0, blob.chunks[0] ?? new Uint8Array());
  }
  await here.vault.put(whole.blob, 1, whole.chunks[1] ?? new Uint8Array());
  for (const { blob } of [whole, half]) rmSync(`${here.dataFile(blob)}.hashes`);
  await here.reopen();
  expect(await here.vault.hashes(whole.blob)).toEqual(whole.hashes);
  expect(here.vault.state(half.blob)?.hashed).toBe(false);
  expect(await here.vault.hashes(half.blob)).toBeNull();
  await here.vault.takeHashes(half.blob, half.hashes);
  expect(await here.vault.sealed(half.blob, 0)).toEqual(Buffer.from(half.chunks[0] ?? []));
  await here.vault.close();
  here.store.close();
});

test('a key that does not fit is a fault of the file and not of its chunks', async () => {
  const here = await openTestVault(await temporaryFolder());
  const blob = foreignBlob(madeUpBytes(100));
  await here.vault.expect({ ...blob, key: new Uint8Array(32) });
  await here.vault.takeHashes(blob.blob, blob.hashes);
  await here.vault.put(blob.blob, 0, blob.chunks[0] ?? new Uint8Array());
  await expect(here.vault.plain(blob.blob, 0, 10)).rejects.toMatchObject({ code: 'file_unreadable' });
  expect(here.vault.state(blob.blob)?.whole).toBe(true);
  await here.vault.close();
  here.store.close();
});

test('a removed blob is gone from the disk and can be expected again; a forgotten one is not known at all', async () => {
  const here = await openTestVault(await temporaryFolder());
  const blob = foreignBlob(madeUpBytes(10));
  await here.vault.expect(blob);
  await here.vault.takeHashes(blob.blob, blob.hashes);
  await here.vault.put(blob.blob, 0, blob.chunks[0] ?? new Uint8Array());
  await here.vault.remove(blob.blob);
  expect(readdirSync(join(here.folder, 'blobs', blob.blob.slice(0, 2)))).toEqual([]);
  expect(here.vault.state(blob.blob)).toMatchObject({ whole: false, heldBytes: 0, hashed: false });
  await here.vault.expect(blob);
  await here.vault.takeHashes(blob.blob, blob.hashes);
  expect(await here.vault.put(blob.blob, 0, blob.chunks[0] ?? new Uint8Array())).toBe('stored');
  await here.vault.forget(blob.blob);
  expect(here.vault.state(blob.blob)).toBeNull();
  expect(here.store.blobs.get(blob.blob)).toBeNull();
  await here.vault.close();
  here.store.close();
});

test('a crash while a blob is adopted leaves a whole blob or none, and no waste', async () => {
  const here = await openTestVault(await temporaryFolder());
  const staging = join(here.folder, 'blobs', 'staging');
  const seal = async () => {
    const writer = here.vault.writer();
    await writer.write(madeUpBytes(1_000));
    return writer.finish();
  };
  const refused = await seal();
  const fault = new Error('the disk refused the row');
  await expect(
    here.vault.adopt([refused], () => {
      throw fault;
    }),
  ).rejects.toBe(fault);
  const unnoticed = await seal();
  writeFileSync(join(staging, 'half.part'), madeUpBytes(chunk + 1));
  const adopted = await seal();
  await here.vault.adopt([adopted], () => {});
  writeFileSync(join(staging, `${adopted.blob}.moving`), '');
  await here.reopen('crash');
  expect(readdirSync(staging)).toEqual([]);
  expect(here.vault.state(refused.blob)).toBeNull();
  expect(here.vault.state(unnoticed.blob)).toBeNull();
  expect(readdirSync(join(here.folder, 'blobs', refused.blob.slice(0, 2)))).toEqual([]);
  expect(await readBack(here.vault, adopted)).toEqual(Buffer.from(madeUpBytes(1_000)));
  await here.vault.close();
  here.store.close();
});

test('chunks that come in a row are written down together, a few times a second', async () => {
  const here = await openTestVault(await temporaryFolder());
  const blob = foreignBlob(madeUpBytes(4 * chunk));
  await here.vault.expect(blob);
  await here.vault.takeHashes(blob.blob, blob.hashes);
  const marked = () => here.store.blobs.get(blob.blob)?.have ?? new Uint8Array();
  for (const index of [0, 2]) await here.vault.put(blob.blob, index, blob.chunks[index] ?? new Uint8Array());
  expect(marked()).toEqual(Buffer.alloc(0));
  await here.clock.advance(1_000);
  await eventually(() => expect(marked()[0]).toBe(0b101));
  for (const index of [1, 3]) await here.vault.put(blob.blob, index, blob.chunks[index] ?? new Uint8Array());
  expect(here.store.blobs.get(blob.blob)).toMatchObject({ whole: true });
  expect(here.faults).toEqual([]);
  await here.vault.close();
  here.store.close();
});
