import type { EventLoopUtilization } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { createSpareTime } from '../../../signaling-server/relay/spare-time.ts';

/** An event loop that was busy and idle as told. */
function eventLoop() {
  const total = { active: 0, idle: 0, utilization: 0 };
  return {
    goOn(active: number, idle: number) {
      total.active += active;
      total.idle += idle;
    },
    read(since?: EventLoopUtilization): EventLoopUtilization {
      return { ...total, active: total.active - (since?.active ?? 0), idle: total.idle - (since?.idle ?? 0) };
    },
  };
}

test('a process that does nothing has all of its time to spare', () => {
  const loop = eventLoop();
  const spare = createSpareTime(loop.read);
  loop.goOn(0, 1_000);
  expect(spare.share()).toBe(1);
});

test('what the work that can wait took itself counts as spare', () => {
  const loop = eventLoop();
  const spare = createSpareTime(loop.read);
  loop.goOn(150, 50);
  spare.worked(100);
  expect(spare.share()).toBe(0.75);
});

test('a process that is always busy has none, and soon some again when it is not', () => {
  const loop = eventLoop();
  const spare = createSpareTime(loop.read);
  loop.goOn(200, 0);
  expect(spare.share()).toBe(0);
  loop.goOn(10, 40);
  expect(spare.share()).toBe(0);
  loop.goOn(10, 40);
  expect(spare.share()).toBe(0.8);
});

test('work that waited for others is not counted twice', () => {
  const loop = eventLoop();
  const spare = createSpareTime(loop.read);
  loop.goOn(20, 180);
  spare.worked(150);
  expect(spare.share()).toBe(1);
});
