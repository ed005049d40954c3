/** The small parts of the transfers, each alone: what they bound, and in which order they work. */
import { expect, test, vi } from 'vitest';
import type { TransferView } from '../../../bridge/media-views.ts';
import { joinChunks } from '../../../main/engine/connection/chunk-joiner.ts';
import { createLinkedPorts } from '../../../main/engine/runtime/linked-ports.ts';
import { createPeerPorts } from '../../../main/engine/peer-ports.ts';
import { createFrameWriter } from '../../../main/engine/transfers/frame-writer.ts';
import { createPacedSignals } from '../../../main/engine/transfers/paced-signals.ts';
import { createRegister, type Listed } from '../../../main/engine/transfers/register.ts';
import { createSlots } from '../../../main/engine/transfers/slots.ts';
import { createSpeedMeter } from '../../../main/engine/transfers/speed-meter.ts';
import { blobIdSchema, createId, type ConversationId, type MessageId } from '../../../protocol/index.ts';
import { EngineClock, settle } from '../../support/engine-clock.ts';

async function* piecesOf(...sizes: number[]): AsyncGenerator<Uint8Array> {
  let next = 0;
  for (const size of sizes) yield Uint8Array.from({ length: size }, () => next++ & 255);
}

async function collect(chunks: AsyncGenerator<Uint8Array>): Promise<number[][]> {
  const all: number[][] = [];
  for await (const chunk of chunks) all.push([...chunk]);
  return all;
}

test('a stream is cut into whole chunks however it comes, and what is incomplete at its end is left out', async () => {
  expect(await collect(joinChunks(piecesOf(1, 4, 1, 6), 2, [3, 3, 2]))).toEqual([
    [2, 3, 4],
    [5, 6, 7],
    [8, 9],
  ]);
  expect(await collect(joinChunks(piecesOf(5), 0, [3, 3]))).toEqual([[0, 1, 2]]);
  expect(await collect(joinChunks(piecesOf(), 0, [3]))).toEqual([]);
});

test('slots let so many in, the others in order, and an urgent one at once', async () => {
  const slots = createSlots(1);
  const order: string[] = [];
  const leaveFirst = await slots.take(() => false);
  const second = slots.take(() => false).then((leave) => (order.push('second'), leave));
  await slots.take(() => true).then((leave) => (order.push('urgent'), leave()));
  expect(order).toEqual(['urgent']);
  leaveFirst();
  leaveFirst();
  await second;
  expect(order).toEqual(['urgent', 'second']);
});

test('one that waits for a slot enters when it becomes urgent', async () => {
  const slots = createSlots(1);
  await slots.take(() => false);
  let urgent = false;
  let entered = false;
  void slots.take(() => urgent).then(() => (entered = true));
  await settle();
  expect(entered).toBe(false);
  urgent = true;
  slots.look();
  await settle();
  expect(entered).toBe(true);
});

test('the speed is that of the last seconds, and nothing when nothing moves', async () => {
  const clock = new EngineClock();
  const meter = createSpeedMeter(clock);
  expect(meter.bytesPerSecond()).toBeNull();
  for (let tick = 0; tick < 40; tick++) {
    meter.add(100_000);
    await clock.advance(100);
  }
  expect(meter.bytesPerSecond()).toBeGreaterThan(900_000);
  expect(meter.bytesPerSecond()).toBeLessThan(1_150_000);
  await clock.advance(5_000);
  expect(meter.bytesPerSecond()).toBeNull();
});

test('a writer sends short frames before bulk, one awaited at a time', async () => {
  const sent: number[] = [];
  let open = 0;
  const bulk = [10, 11, 12];
  const writer = createFrameWriter({
    async send(frame, anyOrder) {
      expect(++open).toBe(1);
      expect(anyOrder).toBe((frame[0] ?? 0) >= 10);
      await settle();
      sent.push(frame[0] ?? 0);
      open--;
    },
    nextBulk: async () => {
      const next = bulk.shift();
      return next === undefined ? null : { frame: Uint8Array.of(next), anyOrder: true };
    },
    onFailed: (error) => expect.unreachable(String(error)),
  });
  writer.wake();
  await settle();
  writer.say(Uint8Array.of(1));
  writer.say(Uint8Array.of(2));
  await vi.waitFor(() => expect(sent).toHaveLength(5));
  expect(sent).toEqual([10, 1, 2, 11, 12]);
  bulk.push(13);
  writer.wake();
  await vi.waitFor(() => expect(sent.at(-1)).toBe(13));
});

test('a writer gives up a connection whose other side lets short frames pile up, or that fails', async () => {
  const failed = vi.fn();
  const never = createFrameWriter({ send: () => new Promise(() => {}), nextBulk: async () => null, onFailed: failed });
  for (let count = 0; count < 5_000; count++) never.say(Uint8Array.of(1));
  expect(failed).toHaveBeenCalled();
  const broken = vi.fn();
  const breaking = createFrameWriter({
    send: () => Promise.reject(new Error('closed')),
    nextBulk: async () => null,
    onFailed: broken,
  });
  breaking.say(Uint8Array.of(1));
  await vi.waitFor(() => expect(broken).toHaveBeenCalledOnce());
});

test('signals about many blobs are spread over time, and the same one is said once', async () => {
  const clock = new EngineClock();
  const paced = createPacedSignals(clock);
  const said: number[] = [];
  for (let count = 0; count < 100; count++) paced.say(`wanted ${count % 50}`, () => said.push(count % 50));
  await clock.advance(100);
  expect(said.length).toBeLessThan(20);
  await clock.advance(10_000);
  expect(said.sort((one, other) => one - other)).toEqual(Array.from({ length: 50 }, (_, at) => at));
});

test('new states are told at once, progress a few times a second, and nothing twice', async () => {
  const clock = new EngineClock();
  const told: TransferView[][] = [];
  const register = createRegister({ clock, viewsMs: 250, onChanged: (views) => told.push(views) });
  const blob = blobIdSchema.parse('cd'.repeat(32));
  const ref = { conversation: createId<ConversationId>(), message: createId<MessageId>(), item: 0 };
  const now: Pick<TransferView, 'state' | 'done'> = { state: 'waiting', done: 0 };
  const view = (): TransferView => ({
    ...{ ref, direction: 'in', name: 'a', kind: 'file', bytes: 100, bytesPerSecond: null, msLeft: null, path: null },
    ...{ waitingFor: [], fault: null, updatedAt: 1 },
    ...now,
  });
  const listed: Listed = { blob, ref, view };
  register.add(listed);
  register.changed(blob);
  register.changed(blob);
  await settle();
  expect(told).toHaveLength(1);
  register.changed(blob);
  await clock.advance(1_000);
  expect(told).toHaveLength(1);
  now.state = 'active';
  register.changed(blob);
  await settle();
  expect(told).toHaveLength(2);
  for (let tick = 1; tick <= 100; tick++) {
    now.done = tick;
    register.moved(blob);
    await clock.advance(10);
  }
  expect(told.length).toBeGreaterThanOrEqual(5);
  expect(told.length).toBeLessThanOrEqual(8);
  expect(register.byRef(ref)).toBe(listed);
  register.remove(blob);
  expect(register.byRef(ref)).toBeNull();
});

test('the port of the peer page meets the call that asked for it, whichever comes first', async () => {
  const ports = createPeerPorts();
  const [one] = createLinkedPorts();
  const early = await ports.next(async () => ports.arrived(one));
  expect(early).toBe(one);
  const [two] = createLinkedPorts();
  const late = ports.next(async () => {});
  ports.arrived(two);
  expect(await late).toBe(two);
  await expect(ports.next(() => Promise.reject(new Error('no page')))).rejects.toThrow('no page');
  const [three] = createLinkedPorts();
  const closed = vi.fn();
  three.onClose(closed);
  ports.arrived(three);
  expect(closed).toHaveBeenCalled();
});
