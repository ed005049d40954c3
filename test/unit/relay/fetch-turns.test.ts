/** Fetches are answered within each device's budget, and later beyond it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createId, type ConversationId } from '../../../protocol/index.ts';
import { Feed } from '../../../signaling-server/relay/feed.ts';
import { createFetchTurns } from '../../../signaling-server/relay/fetch-turns.ts';
import type { OpenSession } from '../../../signaling-server/relay/session.ts';

const mebibyte = 1024 * 1024;
const conversation = createId<ConversationId>();

function asking(count: number): Feed {
  const feed = new Feed('none');
  for (let ref = 0; ref < count; ref++) feed.fetches.push({ type: 'fetch', ref, conversation, from: 1, to: 500 });
  return feed;
}

describe('turns of fetches', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  function setUp(bytes: number) {
    const woken: OpenSession[] = [];
    const answer = vi.fn(async () => bytes);
    const turns = createFetchTurns({ answer, wake: (session) => woken.push(session), uptime: () => Date.now() });
    return { turns, woken, answer, session: {} as OpenSession };
  }

  it('answer at once until the device had its share, then rest and go on by themselves', async () => {
    const { turns, woken, answer, session } = setUp(mebibyte);
    const feed = asking(20);
    while (feed.due) await turns.serve(session, feed);
    expect(answer).toHaveBeenCalledTimes(2);
    expect(feed.done).toBe(false);
    vi.advanceTimersByTime(1);
    expect(woken).toEqual([session]);
    expect(feed.due).toBe(true);
    // One more overdraws the share: half a second's worth of it has to be gained first.
    while (feed.due) await turns.serve(session, feed);
    expect(answer).toHaveBeenCalledTimes(3);
    vi.advanceTimersByTime(490);
    expect(feed.due).toBe(false);
    vi.advanceTimersByTime(10);
    expect(feed.due).toBe(true);
  });

  it('give each device a share of its own, whatever becomes of its feed', async () => {
    const { turns, session, answer } = setUp(16 * mebibyte);
    await turns.serve(session, asking(1));
    const anew = asking(1);
    await turns.serve(session, anew);
    expect(answer).toHaveBeenCalledTimes(1);
    expect(anew.fetchesRest).toBe(true);
    await turns.serve({} as OpenSession, asking(1));
    expect(answer).toHaveBeenCalledTimes(2);
  });

  it('cost something even when there is nothing to give', async () => {
    const { turns, session, answer } = setUp(0);
    const feed = asking(5_000);
    while (feed.due) await turns.serve(session, feed);
    expect(answer).toHaveBeenCalledTimes(512);
  });
});
