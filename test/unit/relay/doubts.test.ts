/** Who was said to be away is asked about again, a bounded number of times. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createId, type UserId } from '../../../protocol/index.ts';
import { createDoubts } from '../../../signaling-server/relay/doubts.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watched() {
  const asked: { at: number; users: readonly UserId[] }[] = [];
  const start = performance.now();
  const doubts = createDoubts({
    uptime: () => performance.now(),
    askAgain: (users) => asked.push({ at: performance.now() - start, users }),
  });
  return { asked, doubts };
}

test('each is asked about twice, some seconds later, those of one moment together, and then no more', () => {
  const { asked, doubts } = watched();
  const [ann, ben] = [createId<UserId>(), createId<UserId>()];
  doubts.add(ann);
  doubts.add(ben);
  vi.advanceTimersByTime(60_000);
  expect(asked).toEqual([
    { at: 3_000, users: [ann, ben] },
    { at: 12_000, users: [ann, ben] },
  ]);
  expect(vi.getTimerCount()).toBe(0);
});

test('who is said to be away again is asked about from then on, and nobody is once it has stopped', () => {
  const { asked, doubts } = watched();
  const ann = createId<UserId>();
  doubts.add(ann);
  vi.advanceTimersByTime(5_000);
  doubts.add(ann);
  vi.advanceTimersByTime(4_000);
  doubts.stop();
  vi.advanceTimersByTime(60_000);
  expect(asked.map(({ at }) => at)).toEqual([3_000, 8_000]);
});
