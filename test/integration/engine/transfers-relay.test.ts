/** Files through the relay: when they go there, how they go on, what a full relay means, and switching both ways. */
import { expect, test } from 'vitest';
import type { TransferView } from '../../../bridge/media-views.ts';
import { chunkFormat } from '../../../protocol/index.ts';
import { eventually } from '../../support/engine-people.ts';
import { reaches, Stations } from '../../support/transfer-stations.ts';

const mebibyte = 1024 * 1024;
const states = (told: readonly TransferView[]) => told.map(({ state }) => state);

test('a small file goes to the relay at once and comes from there', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  const file = await ann.send(700_000);
  ben.want(file);
  await reaches(ben, file, 'done');
  expect(await ben.hashOf(file)).toBe(file.hash);
  expect(await reaches(ann, file, 'done')).toMatchObject({ done: 700_000 });
  expect(world.network.made).toEqual([]);
  expect(ben.signalled).not.toContain('blob-wanted');
  expect(ann.signalled).toContain('blob-published');
});

test('a large file goes to the relay when nobody comes for it, and waits there for whoever was away', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  ben.down();
  const file = await ann.send(3 * mebibyte);
  await reaches(ann, file, 'done');
  await ann.kill();
  ben.want(file);
  ben.up();
  await reaches(ben, file, 'done');
  expect(await ben.hashOf(file)).toBe(file.hash);
});

test('the setting "relay" never asks and never answers directly', async () => {
  const world = await Stations.create();
  const [ann, ben, cleo] = [await world.open(), await world.open(), await world.open()];
  ann.settings = { ...ann.settings, path: 'relay' };
  const file = await ann.send(3 * mebibyte);
  ben.want(file);
  await reaches(ben, file, 'done');
  expect(ann.signalled.filter((kind) => kind !== 'blob-published')).toEqual([]);
  expect(ann.page.opened).toBe(0);
  cleo.settings = { ...cleo.settings, path: 'relay' };
  cleo.want(file);
  await reaches(cleo, file, 'done');
  expect(cleo.signalled).toEqual([]);
  expect(cleo.page.opened).toBe(0);
});

test('a relay whose admin wants no direct connections gets everything', async () => {
  const world = await Stations.create();
  world.blobs.direct = 'off';
  const [ann, ben] = [await world.open(), await world.open()];
  const file = await ann.send(3 * mebibyte);
  ben.want(file);
  await reaches(ben, file, 'done');
  expect(ann.page.opened + ben.page.opened).toBe(0);
});

test('an upload that broke goes on where the relay stands', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  ann.settings = { ...ann.settings, path: 'relay' };
  world.blobs.breakAfter = 3 * mebibyte;
  // It stays broken until it is looked at: a relay that is back at once would have all of it in three goes.
  world.blobs.refuse = (step) => (step === 'begin' && world.blobs.asked.includes('patch') ? 'unavailable' : null);
  const file = await ann.send(8 * mebibyte);
  await reaches(ann, file, 'waiting');
  expect(world.blobs.blobs.get(file.blob)?.size).toBeGreaterThanOrEqual(3 * mebibyte);
  world.blobs.breakAfter = null;
  world.blobs.refuse = () => null;
  await reaches(ann, file, 'done');
  expect(world.blobs.isWhole(file.blob)).toBe(true);
  const held = world.blobs.blobs.get(file.blob);
  expect(held?.size).toBe(held?.bytes);
  ben.want(file);
  await reaches(ben, file, 'done');
  expect(await ben.hashOf(file)).toBe(file.hash);
});

test('a download that broke goes on where it was', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  ann.settings = { ...ann.settings, path: 'relay' };
  const file = await ann.send(8 * mebibyte);
  await reaches(ann, file, 'done');
  world.blobs.breakAfter = 5 * mebibyte;
  ben.want(file);
  await eventually(() => expect(ben.vault.state(file.blob)?.heldChunks).toBeGreaterThan(10));
  world.blobs.breakAfter = null;
  await reaches(ben, file, 'done');
  expect(await ben.hashOf(file)).toBe(file.hash);
  // What was cut in mid-chunk came again, and nothing more.
  expect(world.blobs.servedBytes).toBeLessThan(file.bytes + 4 * chunkFormat.sealedBytes);
});

test.each(['quota_exceeded', 'storage_full', 'blob_too_large'] as const)(
  'a relay that says %s leaves the direct way open, and the reason is shown',
  async (code) => {
    const world = await Stations.create();
    const [ann, ben] = [await world.open(), await world.open()];
    world.blobs.refuse = (step) => (step === 'begin' ? code : null);
    ben.down();
    const file = await ann.send(600_000);
    const waiting = await reaches(ann, file, 'waiting');
    expect(waiting.fault?.code).toBe(code);
    expect(waiting.fault?.message).not.toBe('');
    expect(waiting.waitingFor.map(({ id }) => id)).toEqual([ben.user]);
    ben.want(file);
    ben.up();
    await reaches(ben, file, 'done');
    expect(await ben.hashOf(file)).toBe(file.hash);
    await reaches(ann, file, 'done');
    expect(world.network.made.length).toBeGreaterThan(0);
  },
);

test('a relay that was full is tried again by itself', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  ben.down();
  let refusals = 0;
  world.blobs.refuse = (step) => (step === 'begin' && refusals++ < 2 ? 'storage_full' : null);
  const file = await ann.send(600_000);
  await reaches(ann, file, 'waiting');
  await reaches(ann, file, 'done');
});

test('when the direct path breaks in the middle the relay brings the rest, and nothing comes twice', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  const file = await ann.send(8 * mebibyte);
  let chunks = 0;
  world.network.tap = (frame, head) => {
    if (head?.type === 'chunk' && ++chunks === 12) {
      world.network.blocked = true;
      setImmediate(() => world.network.cut());
    }
    return frame;
  };
  ben.want(file);
  await reaches(ben, file, 'done');
  expect(await ben.hashOf(file)).toBe(file.hash);
  const direct = world.network.count('chunk');
  expect(direct).toBeGreaterThan(5);
  expect(world.blobs.servedBytes).toBeLessThanOrEqual((33 - direct + 16) * chunkFormat.sealedBytes);
  expect(new Set(ben.told.flatMap(({ path }) => path ?? []))).toEqual(new Set(['direct', 'relay']));
});

test('an upload ends when a device comes and takes the file directly', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  ben.down();
  let taken = 0;
  world.blobs.pause = async () => {
    // Slow enough that the device comes in the middle of it.
    if (++taken > 4) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const file = await ann.send(24 * mebibyte);
  await eventually(() => expect(taken).toBeGreaterThan(6));
  ben.want(file);
  ben.up();
  await reaches(ben, file, 'done');
  expect(await ben.hashOf(file)).toBe(file.hash);
  await reaches(ann, file, 'done');
  expect(world.blobs.isWhole(file.blob)).toBe(false);
});

test('what the relay spoiled is refused, and comes from a device', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  const file = await ann.send(800_000);
  await reaches(ann, file, 'done');
  world.blobs.spoil = (bytes) => {
    bytes[1_000] = (bytes[1_000] ?? 0) ^ 1;
    return bytes;
  };
  ben.want(file);
  await reaches(ben, file, 'done');
  expect(await ben.hashOf(file)).toBe(file.hash);
  expect(world.network.count('chunk')).toBeGreaterThan(0);
});

test('a paused upload stops and goes on; a cancelled one is not handed out any more', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  const file = await ann.send(5 * mebibyte);
  await ann.transfers.pause(file.ref);
  expect(ann.view(file)?.state).toBe('paused');
  ben.want(file);
  await eventually(() => expect(ben.signalled).toContain('blob-wanted'));
  await reaches(ben, file, 'waiting');
  expect(world.network.made).toEqual([]);
  expect(world.blobs.count('begin')).toBe(0);
  await ann.transfers.start(file.ref);
  await reaches(ben, file, 'done');

  const other = await ann.send(5 * mebibyte);
  await ann.transfers.cancel(other.ref);
  ben.want(other);
  await reaches(ben, other, 'waiting');
  expect(states(ann.transfers.list())).toContain('cancelled');
  ann.transfers.clear();
  expect(ann.transfers.list()).toEqual([]);
  await ann.transfers.start(other.ref);
  await reaches(ben, other, 'done');
});

test('a paused download keeps what came, a cancelled one drops it, and both can begin again', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  const file = await ann.send(8 * mebibyte);
  let chunks = 0;
  world.network.tap = (frame, head) => {
    if (head?.type === 'chunk' && ++chunks === 8) setImmediate(() => void ben.transfers.pause(file.ref));
    return frame;
  };
  ben.want(file);
  await reaches(ben, file, 'paused');
  const kept = ben.vault.state(file.blob)?.heldChunks ?? 0;
  expect(kept).toBeGreaterThan(0);
  expect(ben.vault.state(file.blob)?.whole).toBe(false);
  const served = world.network.count('chunk');
  await ben.transfers.start(file.ref);
  await reaches(ben, file, 'done');
  expect(await ben.hashOf(file)).toBe(file.hash);
  expect(world.network.count('chunk')).toBeLessThanOrEqual(served + 32 - kept + 16);

  const other = await ann.send(2 * mebibyte);
  ben.down();
  ben.want(other);
  await ben.transfers.cancel(other.ref);
  expect(ben.view(other)?.state).toBe('cancelled');
  expect(ben.vault.state(other.blob)?.heldChunks).toBe(0);
  ben.up();
  await ben.transfers.start(other.ref);
  await reaches(ben, other, 'done');
});

test('bytes that a viewer waits for come before all others', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  const file = await ann.send(24 * mebibyte);
  const order: number[] = [];
  let hurried: Promise<void> | null = null;
  world.network.tap = (frame, head) => {
    if (head?.type === 'chunk' && order.push(head.index) === 4)
      hurried = ben.transfers.hurry(file.blob, 20 * mebibyte, 600_000);
    return frame;
  };
  ben.want(file);
  await eventually(() => expect(hurried).not.toBeNull());
  await hurried;
  expect(ben.vault.holds(file.blob, 80)).toBe(true);
  await reaches(ben, file, 'done');
  // At most a window of chunks was under way before.
  expect(order.indexOf(80)).toBeLessThan(4 + 2 * 16);
  expect(order.indexOf(82)).toBeLessThan(4 + 2 * 16);
});

test('a viewer hears that bytes do not come when nobody has them', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  const file = await ann.send(3 * mebibyte);
  await ann.kill();
  ben.want(file);
  await expect(ben.transfers.hurry(file.blob, 0, 10)).rejects.toMatchObject({ code: 'unreachable' });
  expect(await reaches(ben, file, 'waiting')).toMatchObject({ done: 0 });
});

test('a transfer that waits says so after a restart, and shows what is missing while there is no connection', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  for (const each of [ann, ben]) each.settings = { ...each.settings, path: 'direct' };
  ben.down();
  const file = await ann.send(3 * mebibyte);
  expect((await reaches(ann, file, 'waiting')).waitingFor.map(({ id }) => id)).toEqual([ben.user]);
  await ann.kill();
  const again = await world.reopen(ann);
  again.settings = { ...again.settings, path: 'direct' };
  await reaches(again, file, 'waiting');
  again.down();
  expect((await reaches(again, file, 'waiting')).fault?.code).toBe('relay_unreachable');
  again.up();
  ben.want(file);
  ben.up();
  await reaches(ben, file, 'done');
  await reaches(again, file, 'done');
});
