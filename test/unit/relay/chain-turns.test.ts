import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ConversationId } from '../../../protocol/index.ts';
import { createChainTurns } from '../../../signaling-server/relay/chain-turns.ts';
import { Feed } from '../../../signaling-server/relay/feed.ts';
import type { OpenSession } from '../../../signaling-server/relay/session.ts';

const conversation = '01a209c4-d1d3-77b7-abb7-c959945c1ee9' as ConversationId;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A device whose question takes so many pieces of 1 ms each. @returns when each piece was done. */
async function answerIn(pieces: number, spareShare: number): Promise<number[]> {
  const done: number[] = [];
  const feed = new Feed('none');
  const session = { feed } as OpenSession;
  feed.chains.push({ frame: { type: 'chain', ref: 1, conversation, seqs: [0] }, work: null });
  const turns = createChainTurns({
    answer: async () => {
      vi.advanceTimersByTime(1);
      done.push(performance.now());
      return done.length === pieces;
    },
    wake: () => void turns.serve(session, feed),
    spare: { worked() {}, share: () => spareShare },
  });
  void turns.serve(session, feed);
  await vi.advanceTimersByTimeAsync(1_000);
  return done;
}

const apart = (moments: readonly number[]): number[] => moments.slice(1).map((at, index) => at - (moments[index] ?? 0));

test('on an idle relay chains have half of the time', async () => {
  expect(apart(await answerIn(4, 1))).toEqual([2, 2, 2]);
});

test('on a busy relay they have a small share, and get their answer in the end', async () => {
  const found = apart(await answerIn(4, 0));
  expect(found).toHaveLength(3);
  for (const ms of found) expect(ms).toBeGreaterThan(30);
});
