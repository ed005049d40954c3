/** Groups and slots: what waits is bounded, in order, and none is left over. */
import { describe, expect, it } from 'vitest';
import { createId, type ConversationId } from '../../../protocol/index.ts';
import { Groups } from '../../../signaling-server/relay/groups.ts';
import { Slots } from '../../../signaling-server/runtime/slots.ts';

function gathered(limits: { most?: number; mostBytes?: number; maxGroup?: number } = {}) {
  const groups: string[][] = [];
  const ends: (() => void)[] = [];
  let told = 0;
  const made = new Groups<string>({
    most: limits.most ?? 100,
    mostBytes: limits.mostBytes ?? 1_000,
    maxGroup: limits.maxGroup ?? 100,
    bytesOf: (text) => text.length,
    conversationOf: () => createId<ConversationId>(),
    async store(group) {
      groups.push([...group]);
      await new Promise<void>((resolve) => ends.push(resolve));
      return null;
    },
    refuse: () => {},
    onStored: () => told++,
    lanes: null,
    uptime: () => performance.now(),
    onDivided: () => {},
  });
  return { groups, made, end: () => ends.shift()?.(), told: () => told };
}

describe('groups', () => {
  it('store one after another what came meanwhile, in order', async () => {
    const { groups, made, end, told } = gathered({ maxGroup: 2 });
    for (const item of ['a', 'b', 'c']) made.add(item);
    made.start();
    made.add('d');
    made.start();
    const settled = made.settled();
    for (let count = 0; count < 2; count++) {
      end();
      await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await settled;
    expect(groups).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(told()).toBe(2);
    expect(made.waiting).toBe(0);
  });

  it('take no more than so many, nor so many bytes, until the store has taken some', async () => {
    const { made, end } = gathered({ most: 3, mostBytes: 10 });
    expect([made.add('12345'), made.add('12345'), made.add('1')]).toEqual([true, true, false]);
    made.start();
    expect([made.add('1'), made.add('1'), made.add('1'), made.add('1')]).toEqual([true, true, true, false]);
    end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(made.add('1')).toBe(true);
  });
});

describe('slots', () => {
  it('begin at once while there are any, then in the order asked, and outlast work that fails', async () => {
    const slots = new Slots(2);
    const begun: number[] = [];
    const ends: ((fail?: boolean) => void)[] = [];
    const runs = [0, 1, 2, 3].map((index) =>
      slots.run(() => {
        begun.push(index);
        return new Promise<number>((resolve, reject) => {
          ends[index] = (fail) => (fail ? reject(new Error('failed')) : resolve(index));
        });
      }),
    );
    expect([begun, slots.waiting]).toEqual([[0, 1], 2]);
    ends[1]?.(true);
    await expect(runs[1]).rejects.toThrow('failed');
    expect(begun).toEqual([0, 1, 2]);
    ends[0]?.();
    await runs[0];
    expect(begun).toEqual([0, 1, 2, 3]);
    ends[2]?.();
    ends[3]?.();
    expect(await Promise.all([runs[2], runs[3]])).toEqual([2, 3]);
    expect(slots.waiting).toBe(0);
  });
});
