/** What a node tells the others of itself, and what it makes of what they tell. */
import type { Msg } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeOne, encodeOne } from '../../../protocol/index.ts';
import { busTiming } from '../../../signaling-server/adapters/nats/bus-timing.ts';
import { wordSchema, type Word } from '../../../signaling-server/adapters/nats/roster.ts';
import { SignsOfLife } from '../../../signaling-server/adapters/nats/signs-of-life.ts';
import { silentLog } from '../../support/relay-core.ts';

describe('signs of life', () => {
  const { beatMs, nodeSilentMs } = busTiming;
  let said: Word[];
  let missed: string[];
  let up: boolean;
  let signs: SignsOfLife;

  beforeEach(() => {
    vi.useFakeTimers();
    [said, missed, up] = [[], [], true];
    const link = {
      get up() {
        return up;
      },
      publish: (_name: string, bytes: Uint8Array) => up && said.push(wordSchema.parse(decodeOne(bytes))) > 0,
    };
    const onMissed = (_since: number, why: string): void => void missed.push(why);
    const common = { node: 'this', alive: 'alive', timing: busTiming, log: silentLog, onMissed };
    signs = new SignsOfLife({ ...common, link, clock: Date.now, elapsed: Date.now });
  });
  afterEach(() => {
    signs.goodbye();
    vi.useRealTimers();
  });

  function hear(word: Partial<Word>): void {
    const whole = { node: 'other', word: 0, losses: 0, time: Date.now(), goodbye: false, ...word };
    signs.subscription.callback(null, { data: encodeOne(whole) } as Msg);
  }

  it('come at once when connected, at every beat, and as goodbye at the end', () => {
    signs.up();
    vi.advanceTimersByTime(3 * beatMs);
    signs.goodbye();
    expect(said.map(({ word, goodbye }) => [word, goodbye])).toEqual([
      [0, false],
      [1, false],
      [2, false],
      [3, false],
      [4, true],
    ]);
  });

  it('tell of notes that were lost once, as soon as they can be told', () => {
    signs.up();
    signs.noteLost();
    signs.noteLost();
    up = false;
    vi.advanceTimersByTime(3 * beatMs);
    up = true;
    vi.advanceTimersByTime(2 * beatMs);
    expect(said.map(({ losses }) => losses)).toEqual([0, 1, 1]);
  });

  it('are not missed of others while this node was away itself', () => {
    hear({});
    up = false;
    vi.advanceTimersByTime(5 * nodeSilentMs);
    up = true;
    signs.up();
    vi.advanceTimersByTime(nodeSilentMs - beatMs);
    hear({ word: 15 });
    expect(missed).toEqual([]);
    expect(signs.nodes).toBe(2);
    vi.advanceTimersByTime(nodeSilentMs + beatMs);
    expect(missed).toEqual(['another node went silent']);
    expect(signs.nodes).toBe(1);
  });

  it('are not missed of others when this process was held up', () => {
    hear({});
    vi.setSystemTime(Date.now() + 5 * nodeSilentMs);
    vi.advanceTimersByTime(beatMs);
    hear({ word: 15 });
    vi.advanceTimersByTime(beatMs);
    expect(missed).toEqual([]);
  });
});
