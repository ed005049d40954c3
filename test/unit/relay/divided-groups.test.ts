/** Groups in a store of which a part may be stuck: what is stuck holds up its own lane, and order stays whatever happens. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConversationId } from '../../../protocol/index.ts';
import { Groups, type GroupDeps } from '../../../signaling-server/relay/groups.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The number of a conversation and of an item in it: conversation 3 is in lane 3. */
type Item = readonly [conversation: number, place: number];

interface Asked {
  readonly group: readonly Item[];
  readonly lane: number | undefined;
  /** @param failure left out: it was stored. */
  end(failure?: Error): Promise<void>;
}

/** Lets everything run that waits for nothing but its turn. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function gathered(more: Partial<GroupDeps<Item>> = {}) {
  const asked: Asked[] = [];
  const stored: Item[] = [];
  const refused: Item[] = [];
  const divided: boolean[] = [];
  const groups = new Groups<Item>({
    most: 100,
    mostBytes: 1_000,
    maxGroup: 100,
    bytesOf: () => 1,
    conversationOf: ([conversation]) => String(conversation) as ConversationId,
    lanes: { count: 8, atOnce: 4, laneOf: (conversation) => Number(conversation) % 8 },
    uptime: () => performance.now(),
    store: (group, lane) =>
      new Promise((resolve) => {
        asked.push({
          group,
          lane,
          end(failure) {
            if (!failure) stored.push(...group);
            resolve(failure ?? null);
            return turns();
          },
        });
      }),
    refuse: (group) => void refused.push(...group),
    onStored: () => {},
    onDivided: (isDivided) => void divided.push(isDivided),
    ...more,
  });
  async function add(...items: Item[]): Promise<boolean[]> {
    const taken = items.map((item) => groups.add(item));
    groups.start();
    await turns();
    return taken;
  }
  /** The group under way that was asked for at this place, counted from 0. */
  const at = (place: number): Asked => asked[place] as Asked;
  return { groups, asked, at, add, stored, refused, divided };
}

const failure = new Error('That part of the store is away.');

describe('groups of a store that may be stuck in part', () => {
  it('are of all conversations while all is well', async () => {
    const { asked, at, add, divided } = gathered();
    await add([1, 1], [2, 1]);
    await add([3, 1], [4, 1]);
    await at(0).end();
    await at(1).end();
    expect(asked.map(({ group, lane }) => [group.length, lane])).toEqual([
      [2, undefined],
      [2, undefined],
    ]);
    expect(divided).toEqual([]);
  });

  it('go on beside one that takes long, but for what is of its conversations', async () => {
    const { asked, at, add, stored, divided } = gathered();
    await add([1, 1], [2, 1]);
    await add([1, 2], [3, 1]);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    await turns();
    expect(divided).toEqual([true]);
    expect(asked.slice(1).map(({ group }) => group)).toEqual([[[3, 1]]]);
    await at(1).end();
    await add([2, 2], [9, 1]);
    // In the lane of conversation 1, which waits.
    expect(at(2).group).toEqual([[9, 1]]);
    await at(2).end();
    await at(0).end();
    await at(3).end();
    await at(4).end();
    expect(stored).toEqual([
      [3, 1],
      [9, 1],
      [1, 1],
      [2, 1],
      [2, 2],
      [1, 2],
    ]);
  });

  it('are tried again in parts when one failed, before what came later, and only what fails again is refused', async () => {
    const { asked, at, add, stored, refused } = gathered();
    await add([1, 1], [2, 1]);
    await add([1, 2], [2, 2]);
    await at(0).end(failure);
    expect(refused).toEqual([]);
    expect(asked.slice(1).map(({ group, lane }) => [lane, group])).toEqual([
      [
        1,
        [
          [1, 1],
          [1, 2],
        ],
      ],
      [
        2,
        [
          [2, 1],
          [2, 2],
        ],
      ],
    ]);
    await at(1).end(failure);
    await at(2).end();
    expect(refused).toEqual([
      [1, 1],
      [1, 2],
    ]);
    expect(stored).toEqual([
      [2, 1],
      [2, 2],
    ]);
  });

  it('are not tried again after so long that their senders have waited enough', async () => {
    const { at, add, refused, divided } = gathered();
    await add([1, 1], [2, 1]);
    await vi.advanceTimersByTimeAsync(4_001);
    await at(0).end(failure);
    expect(refused).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect(divided).toEqual([true]);
  });

  it('leave half of the ways to write to lanes that are well, however many are stuck', async () => {
    const { asked, at, add } = gathered();
    await add([0, 1]);
    await at(0).end(failure);
    await add([1, 1], [2, 1], [3, 1], [4, 1], [5, 1]);
    expect(asked.slice(1).map(({ lane }) => lane)).toEqual([0, 1, 2, 3]);
    for (const place of [1, 2, 3]) await at(place).end(failure);
    await at(4).end();
    await add([0, 2], [1, 2], [2, 2], [3, 2], [6, 1]);
    // 4 and 5 came first; 0, 1 and 2 are in trouble and share two ways.
    const underWay = asked.slice(5).map(({ lane }) => lane);
    expect(underWay).toEqual([4, 5, 6, 0]);
    await at(5).end();
    await at(6).end();
    await at(7).end();
    expect(asked.slice(9).map(({ lane }) => lane)).toEqual([1, 3]);
    await at(10).end();
    expect(asked).toHaveLength(11);
  });

  it('come together again when all has been well for a while, and apart for longer when trouble returns', async () => {
    const { asked, at, add, divided } = gathered();
    const trouble = async (): Promise<void> => {
      await add([1, 1]);
      await asked.at(-1)?.end(failure);
      await asked.at(-1)?.end();
    };
    await trouble();
    await vi.advanceTimersByTimeAsync(9_999);
    await add([1, 2]);
    expect(asked.at(-1)?.lane).toBe(1);
    await asked.at(-1)?.end();
    await vi.advanceTimersByTimeAsync(1);
    await add([1, 3], [2, 1]);
    expect(asked.at(-1)).toMatchObject({
      lane: undefined,
      group: [
        [1, 3],
        [2, 1],
      ],
    });
    await asked.at(-1)?.end();
    await trouble();
    await vi.advanceTimersByTimeAsync(19_999);
    await add([1, 4]);
    expect(asked.at(-1)?.lane).toBe(1);
    await asked.at(-1)?.end();
    await vi.advanceTimersByTimeAsync(1);
    await add([1, 5]);
    expect(asked.at(-1)?.lane).toBeUndefined();
    await at(asked.length - 1).end();
    expect(divided).toEqual([true, false, true, false]);
  });

  it('are whole again when every lane fails, since then it is all of the store', async () => {
    const { asked, add, refused, divided } = gathered();
    await add(...Array.from({ length: 8 }, (_, lane): Item => [lane, 1]));
    await asked[0]?.end(failure);
    for (let place = 1; place < 9; place++) await asked[place]?.end(failure);
    expect(refused).toHaveLength(8);
    expect(divided).toEqual([true, false]);
    await add([0, 2], [1, 2]);
    expect(asked[9]).toMatchObject({
      lane: undefined,
      group: [
        [0, 2],
        [1, 2],
      ],
    });
    await asked[9]?.end(failure);
    expect(refused).toHaveLength(10);
    expect(divided).toEqual([true, false]);
  });

  it('give one lane no more than a quarter of the room', async () => {
    const { groups, at, add } = gathered({ most: 12 });
    await add([1, 1]);
    await at(0).end(failure);
    expect(await add([1, 2], [1, 3], [1, 4], [1, 5], [2, 1])).toEqual([true, true, true, false, true]);
    expect(groups.waiting).toBe(3);
  });

  it('without lanes are refused as a whole', async () => {
    const { asked, at, add, refused } = gathered({ lanes: null });
    await add([1, 1], [2, 1]);
    await at(0).end(failure);
    expect(refused).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect(asked).toHaveLength(1);
  });

  it('answer everything once and keep the order of each conversation, whatever fails and however long it takes', async () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ act: fc.constant('add' as const), conversation: fc.nat(11) }),
        fc.record({ act: fc.constant('end' as const), which: fc.nat(5), fails: fc.boolean() }),
        fc.record({ act: fc.constant('wait' as const), ms: fc.constantFrom(500, 1_100, 4_500, 11_000) }),
      ),
      { maxLength: 120 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const { groups, asked, add, stored, refused } = gathered({ maxGroup: 3 });
        const open = new Set<Asked>();
        let seen = 0;
        const look = (): void => {
          for (const each of asked.slice(seen)) open.add(each);
          seen = asked.length;
          const conversations = [...open].flatMap(({ group }) => [...new Set(group.map(([of]) => of))]);
          // No two groups under way have a conversation in common, or their order would be by chance.
          expect(new Set(conversations).size).toBe(conversations.length);
          // A group that was under way when the lanes were made is beside them.
          expect(open.size).toBeLessThanOrEqual(5);
        };
        let added = 0;
        for (const step of script) {
          if (step.act === 'add') await add([step.conversation, ++added]);
          else if (step.act === 'wait') await vi.advanceTimersByTimeAsync(step.ms);
          else {
            const chosen = [...open][step.which % Math.max(1, open.size)];
            if (chosen) open.delete(chosen);
            await chosen?.end(step.fails ? failure : undefined);
          }
          await turns();
          look();
        }
        while (open.size > 0) {
          const [first] = open;
          if (first) open.delete(first);
          await first?.end();
          look();
        }
        expect(groups.waiting).toBe(0);
        expect([...stored, ...refused].map(([, place]) => place).sort((a, b) => a - b)).toEqual(
          Array.from({ length: added }, (_, index) => index + 1),
        );
        for (let conversation = 0; conversation < 12; conversation++) {
          const places = stored.filter(([of]) => of === conversation).map(([, place]) => place);
          expect(places).toEqual([...places].sort((a, b) => a - b));
        }
      }),
      { numRuns: 60 },
    );
  });
});
