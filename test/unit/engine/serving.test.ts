/** What a device serves: frames in memory that is used again, but never while the frame before is still under way. */
import { expect, test } from 'vitest';
import { decodePeerFrame, type PeerHead } from '../../../main/engine/transfers/peer-frames.ts';
import { createServing } from '../../../main/engine/transfers/serving.ts';
import { chunkFormat } from '../../../protocol/index.ts';
import { temporaryFolder } from '../../support/engine-client.ts';
import { damageFile, foreignBlob, madeUpBytes, openTestVault } from '../../support/engine-vault.ts';

const chunks = 6;
const damaged = 2;

test('chunks are served in the memory of two frames, each whole until the one after the next is asked for', async () => {
  const here = await openTestVault(await temporaryFolder());
  const blob = foreignBlob(madeUpBytes(chunks * chunkFormat.plainBytes));
  await here.vault.expect(blob);
  await here.vault.takeHashes(blob.blob, blob.hashes);
  for (const [index, sealed] of blob.chunks.entries()) await here.vault.put(blob.blob, index, sealed);
  damageFile(here.dataFile(blob.blob), damaged * chunkFormat.sealedBytes + 9);
  const said: PeerHead[] = [];
  const serving = createServing({
    vault: here.vault,
    mayServe: () => true,
    say: (head) => said.push(head),
    wake: () => {},
    onAsked: () => {},
    onServed: () => {},
    onLeft: () => {},
  });
  serving.ask({ type: 'ask', blob: blob.blob, have: 0 });
  for (let index = 0; index <= chunks; index++) serving.get({ type: 'get', blob: blob.blob, index });

  const memories = new Set<ArrayBufferLike>();
  const served: number[] = [];
  let before: Uint8Array | null = null;
  for (let bulk = await serving.nextFrame(); bulk; bulk = await serving.nextFrame()) {
    const { frame, anyOrder } = bulk;
    expect(anyOrder).toBe(true);
    if (before) expect(chunkIn(before)).toBe(served.at(-1));
    const index = chunkIn(frame);
    served.push(index);
    memories.add(frame.buffer);
    before = frame;
  }
  expect(served).toEqual([0, 1, 3, 4, 5]);
  expect(memories.size).toBe(2);
  expect(said.filter(({ type }) => type === 'missing')).toEqual([
    { type: 'missing', blob: blob.blob, index: damaged },
    { type: 'missing', blob: blob.blob, index: chunks },
  ]);
  await here.vault.close();
  here.store.close();

  /** @returns its index, once its bytes are those of that chunk. */
  function chunkIn(frame: Uint8Array): number {
    const decoded = decodePeerFrame(frame);
    if (decoded?.head.type !== 'chunk') throw new Error('It is no chunk.');
    const { index } = decoded.head;
    expect(Buffer.compare(decoded.bytes, blob.chunks[index] ?? new Uint8Array())).toBe(0);
    return index;
  }
});
