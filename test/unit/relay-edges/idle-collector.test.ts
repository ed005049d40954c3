/** Memory is given back once many connections were opened and nothing else is to be done. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createIdleCollector } from '../../../signaling-server/observe/idle-collector.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function scene(connections = 0) {
  const loop = { utilization: 0 };
  const collect = vi.fn();
  const collector = createIdleCollector({
    connections: () => connections,
    collect,
    utilization: () => loop.utilization,
  });
  const open = (count: number): void => {
    for (let opened = 0; opened < count; opened += 1) collector.opened();
  };
  return { loop, collect, collector, open };
}

it('collects once after a thousand new connections, and not again until a thousand more', () => {
  const { collect, collector, open } = scene();
  open(1_000);
  vi.advanceTimersByTime(10_000);
  expect(collect).toHaveBeenCalledTimes(1);
  open(999);
  vi.advanceTimersByTime(10_000);
  expect(collect).toHaveBeenCalledTimes(1);
  open(1);
  vi.advanceTimersByTime(10_000);
  expect(collect).toHaveBeenCalledTimes(2);
  collector.stop();
});

it('of many connections only a good share of new ones is worth the pause', () => {
  const { collect, collector, open } = scene(80_000);
  open(9_999);
  vi.advanceTimersByTime(10_000);
  expect(collect).not.toHaveBeenCalled();
  open(1);
  vi.advanceTimersByTime(3_000);
  expect(collect).toHaveBeenCalledTimes(1);
  collector.stop();
});

it('waits while the relay is busy', () => {
  const { loop, collect, collector, open } = scene();
  loop.utilization = 0.5;
  open(5_000);
  vi.advanceTimersByTime(60_000);
  expect(collect).not.toHaveBeenCalled();
  loop.utilization = 0.01;
  vi.advanceTimersByTime(3_000);
  expect(collect).toHaveBeenCalledTimes(1);
  collector.stop();
});
