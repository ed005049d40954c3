/** Files from device to device: whole, resumed, from several sources, and never trusted. */
import { expect, test } from 'vitest';
import { createId, type DeviceId } from '../../../protocol/index.ts';
import { eventually } from '../../support/engine-people.ts';
import type { Tap } from '../../support/linked-peers.ts';
import { reaches, Stations, type Station } from '../../support/transfer-stations.ts';

const mebibyte = 1024 * 1024;

function signal(): { given: Promise<void>; give: () => void } {
  let give = () => {};
  const given = new Promise<void>((resolve) => (give = resolve));
  return { given, give };
}

/** Lets so many chunks through, then holds whatever comes. */
function holdAfter(chunks: number): { tap: Tap; held: Promise<void>; release: () => void } {
  const holding = signal();
  const released = signal();
  let passed = 0;
  return {
    tap: async (frame, head) => {
      if (head?.type !== 'chunk' || ++passed <= chunks) return frame;
      holding.give();
      await released.given;
      return frame;
    },
    held: holding.given,
    release: released.give,
  };
}

test('a large file goes from device to device and never touches the relay', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  const file = await ann.send(6 * mebibyte + 12_345);
  ben.want(file);
  await reaches(ben, file, 'done');
  expect(await ben.hashOf(file)).toBe(file.hash);
  expect(await reaches(ann, file, 'done')).toMatchObject({ direction: 'out', done: file.bytes });
  expect(ann.store.transfers.deliveries(file.blob)).toEqual([ben.user]);
  expect(world.blobs.count('begin')).toBe(0);
  expect(world.network.count('chunk')).toBe(25);
  expect(ben.told.some(({ path, state }) => state === 'active' && path === 'direct')).toBe(true);
});

test('chunks that overtake one another make the same file, and none comes twice', async () => {
  const world = await Stations.create();
  world.network.overtaking = true;
  const [ann, ben] = [await world.open(), await world.open()];
  const files = [await ann.send(6 * mebibyte + 12_345), await ann.send(3 * mebibyte)];
  for (const file of files) ben.want(file);
  for (const file of files) {
    await reaches(ben, file, 'done');
    expect(await ben.hashOf(file)).toBe(file.hash);
  }
  expect(world.network.count('chunk')).toBe(25 + 12);
});

test('a receiver that was killed goes on where it was and fetches nothing twice', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  const file = await ann.send(8 * mebibyte);
  const hold = holdAfter(10);
  world.network.tap = hold.tap;
  ben.want(file);
  await hold.held;
  await eventually(() => expect(ben.vault.state(file.blob)?.heldChunks).toBe(10));
  await ben.kill();
  world.network.tap = (frame) => frame;
  hold.release();
  const again = await world.reopen(ben);
  await reaches(again, file, 'done');
  expect(await again.hashOf(file)).toBe(file.hash);
  expect(world.network.count('chunk')).toBe(32);
});

test('a sender who leaves and returns goes on by itself', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  ben.settings = { ...ben.settings, path: 'direct' };
  ann.settings = { ...ann.settings, path: 'direct' };
  const file = await ann.send(8 * mebibyte);
  const hold = holdAfter(10);
  world.network.tap = hold.tap;
  ben.want(file);
  await hold.held;
  await ann.kill();
  world.network.tap = (frame) => frame;
  hold.release();
  const waiting = await reaches(ben, file, 'waiting');
  expect(waiting.waitingFor).toEqual([]);
  const again = await world.reopen(ann);
  await reaches(ben, file, 'done');
  await reaches(again, file, 'done');
  expect(await ben.hashOf(file)).toBe(file.hash);
  expect(world.network.count('chunk')).toBe(32);
});

test('the rest comes from another device of the sender when the first one leaves at half', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  const second = await world.open({ user: ann.user });
  const file = await ann.send(8 * mebibyte);
  second.want(file);
  await reaches(second, file, 'done');
  const before = world.network.count('chunk');
  const hold = holdAfter(12);
  world.network.tap = (frame, head, from) => (from === ann.page ? hold.tap(frame, head, from) : frame);
  second.down();
  ben.want(file);
  await hold.held;
  second.up();
  await ann.kill();
  await reaches(ben, file, 'done');
  expect(await ben.hashOf(file)).toBe(file.hash);
  expect(world.network.count('chunk') - before).toBe(32);
});

test('two devices that have the file both bring a part of it', async () => {
  const world = await Stations.create();
  const [ann, ben, cleo] = [await world.open(), await world.open(), await world.open()];
  const file = await ann.send(10 * mebibyte);
  ben.want(file);
  await reaches(ben, file, 'done');
  const from = new Map<string, number>();
  world.network.tap = (frame, head, page) => {
    if (head?.type === 'chunk') from.set(page.name, (from.get(page.name) ?? 0) + 1);
    return frame;
  };
  cleo.want(file);
  await reaches(cleo, file, 'done');
  expect(await cleo.hashOf(file)).toBe(file.hash);
  expect([...from.values()].reduce((sum, count) => sum + count, 0)).toBe(40);
  expect(from.get(ann.device)).toBeGreaterThan(0);
  expect(from.get(ben.device)).toBeGreaterThan(0);
});

test('a spoilt chunk is refused, its source is dropped, and another brings the file', async () => {
  const world = await Stations.create();
  const [ann, ben, cleo] = [await world.open(), await world.open(), await world.open()];
  const file = await ann.send(5 * mebibyte);
  ben.want(file);
  await reaches(ben, file, 'done');
  let spoilt = 0;
  world.network.tap = (frame, head, page) => {
    if (head?.type !== 'chunk' || page !== ben.page) return frame;
    spoilt++;
    const other = Uint8Array.from(frame);
    other[other.length - 100] = (other[other.length - 100] ?? 0) ^ 1;
    return other;
  };
  cleo.want(file);
  await reaches(cleo, file, 'done');
  expect(await cleo.hashOf(file)).toBe(file.hash);
  expect(spoilt).toBeGreaterThan(0);
  expect(spoilt).toBeLessThanOrEqual(16);
});

test('a chunk that was cut short is refused', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  const file = await ann.send(3 * mebibyte);
  world.network.tap = (frame, head) => (head?.type === 'chunk' ? frame.subarray(0, frame.length - 7) : frame);
  ben.want(file);
  // Nobody else has it: the sender notices that the direct way leads nowhere, and the relay brings it.
  await reaches(ben, file, 'done');
  expect(await ben.hashOf(file)).toBe(file.hash);
  expect(ben.told.some(({ path }) => path === 'relay')).toBe(true);
});

test('a connection that is cut again and again loses nothing and sends nothing twice that arrived', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  for (const each of [ann, ben]) each.settings = { ...each.settings, path: 'direct' };
  const file = await ann.send(10 * mebibyte);
  let chunks = 0;
  world.network.tap = (frame, head) => {
    if (head?.type === 'chunk' && ++chunks % 12 === 0) setImmediate(() => world.network.cut());
    return frame;
  };
  ben.want(file);
  await reaches(ben, file, 'done');
  expect(await ben.hashOf(file)).toBe(file.hash);
  expect(world.network.made.length).toBeGreaterThan(2);
});

test('both sides that want something at once share one connection', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  const [one, other] = [await ann.send(4 * mebibyte), await ben.send(4 * mebibyte)];
  ben.want(one);
  ann.want(other);
  await Promise.all([reaches(ben, one, 'done'), reaches(ann, other, 'done')]);
  expect(await ben.hashOf(one)).toBe(one.hash);
  expect(await ann.hashOf(other)).toBe(other.hash);
  expect(world.network.made).toHaveLength(1);
});

test('a small one of two files is not kept waiting by the large one', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  const [large, small] = [await ann.send(24 * mebibyte), await ann.send(1.5 * mebibyte)];
  const order: string[] = [];
  const started = signal();
  world.network.tap = (frame, head) => {
    if (head?.type === 'chunk' && order.push(head.blob) === 4) started.give();
    return frame;
  };
  ben.want(large);
  await started.given;
  ben.want(small);
  await Promise.all([reaches(ben, small, 'done'), reaches(ben, large, 'done')]);
  expect(await ben.hashOf(large)).toBe(large.hash);
  expect(await ben.hashOf(small)).toBe(small.hash);
  const between = order.slice(order.indexOf(small.blob), order.lastIndexOf(small.blob));
  const ofLarge = between.filter((blob) => blob === large.blob).length;
  expect(order.lastIndexOf(small.blob)).toBeLessThan(order.lastIndexOf(large.blob));
  expect(ofLarge).toBeLessThanOrEqual(24);
});

test('a device that stops bringing what it was asked for is left for another', async () => {
  const world = await Stations.create();
  const [ann, ben, cleo] = [await world.open(), await world.open(), await world.open()];
  const file = await ann.send(6 * mebibyte);
  ben.want(file);
  await reaches(ben, file, 'done');
  world.network.tap = (frame, head, page) => (head?.type === 'chunk' && page === ann.page ? null : frame);
  cleo.want(file);
  await reaches(cleo, file, 'done');
  expect(await cleo.hashOf(file)).toBe(file.hash);
});

test('the peer page is given back when nothing goes on, and opened again when it crashed', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  const file = await ann.send(8 * mebibyte);
  const hold = holdAfter(5);
  world.network.tap = hold.tap;
  ben.want(file);
  await hold.held;
  ann.page.crash();
  world.network.tap = (frame) => frame;
  hold.release();
  await reaches(ben, file, 'done');
  expect(ann.page.opened).toBe(2);
  await eventually(() => expect([ann.page.isOpen, ben.page.isOpen]).toEqual([false, false]));
});

test('whoever is no member, and whoever sends nonsense, gets nothing', async () => {
  const world = await Stations.create();
  const [ann, ben] = [await world.open(), await world.open()];
  const file = await ann.send(2 * mebibyte);
  world.network.tap = (frame, head, page) =>
    head?.type === 'get' && page === ben.page ? Uint8Array.from([1, 0, 200, 7]) : frame;
  ben.want(file);
  await reaches(ben, file, 'done');
  // The nonsense closed the connections; the relay brought the file.
  expect(world.network.count('chunk')).toBe(0);
  const stranger: Station['device'] = createId<DeviceId>();
  const before = ann.signalled.length;
  const origin = { conversation: createId<typeof world.conversation>(), user: ben.user, device: stranger };
  ann.transfers.takeSignal(origin, { kind: 'blob-wanted', blob: file.blob });
  ann.transfers.takeSignal(origin, { kind: 'peer-call' });
  expect(ann.signalled.length).toBe(before);
});
