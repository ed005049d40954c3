/** Disks that really run full, under the relay and under the engine: words, nothing lost, and on when there is room. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ConversationId } from '../../protocol/index.ts';
import { allMessages } from '../support/engine-client.ts';
import { converse, eventually, openPerson, record, texts, type Person } from '../support/engine-people.ts';
import { canMakeDisks, makeSmallDisk } from '../support/small-disk.ts';
import { spawnRelay } from '../support/start-relay.ts';

const unlimited = ['--sends-per-second', '100000', '--send-burst', '100000'];
/** Nearly 48 KiB on the wire. */
const long = (number: number): string => `${number} ${'字'.repeat(16_000)}`;

async function sendLong(person: Person, conversation: ConversationId, from: number, to: number): Promise<void> {
  for (let number = from; number <= to; number += 1) {
    await person.invoke('messages.send', { conversation, text: long(number) });
  }
}

const numbersOf = async (person: Person, conversation: ConversationId): Promise<number[]> =>
  (await texts(person, conversation)).map((text) => Number(text.split(' ')[0]));

test.skipIf(!canMakeDisks)(
  'a relay whose disk is full keeps nobody’s message half, and takes them all once there is room',
  async () => {
    const count = 500;
    const disk = makeSmallDisk(160);
    const relay = await spawnRelay({ dataDir: join(disk.dir, 'relay'), args: unlimited });
    onTestFinished(async () => void (await relay.stop()));
    const alice = await openPerson(relay.address, 'alice');
    const bob = await openPerson(relay.address, 'bob');
    const conversation = await converse(alice, bob);
    disk.fill();
    await sendLong(alice, conversation, 1, count);
    await eventually(() => expect(relay.output()).toContain('messages.not_stored'), 60_000);
    const arrived = (await numbersOf(bob, conversation)).length;
    expect(arrived).toBeLessThan(count);

    disk.free();
    const all = Array.from({ length: count }, (_, index) => index + 1);
    await eventually(async () => expect(await numbersOf(bob, conversation)).toEqual(all), 90_000);
    await eventually(async () => expect(await numbersOf(alice, conversation)).toEqual(all));
  },
);

test.skipIf(!canMakeDisks)(
  'an engine whose disk is full says so, loses nothing, and goes on once there is room',
  async () => {
    const disk = makeSmallDisk(32);
    const relay = await spawnRelay({ args: unlimited });
    onTestFinished(async () => void (await relay.stop()));
    const alice = await openPerson(relay.address, 'alice', { dataDir: join(disk.dir, 'alice') });
    const bob = await openPerson(relay.address, 'bob');
    const conversation = await converse(alice, bob);
    await sendLong(alice, conversation, 1, 3);
    await eventually(async () => expect(await numbersOf(bob, conversation)).toEqual([1, 2, 3]));
    await eventually(async () => expect((await allMessages(alice, conversation)).at(-1)?.seq).toBe(3));
    const faults = record(alice, 'storage.changed');
    disk.fill();
    await expect(sendLong(alice, conversation, 4, 200)).rejects.toThrow(/disk is full/);
    await eventually(() => expect(faults.at(-1)?.message).toMatch(/disk is full/));
    const kept = await numbersOf(alice, conversation);
    await bob.invoke('messages.send', { conversation, text: '1000 from the other side' });

    disk.free();
    await eventually(async () => expect((await numbersOf(alice, conversation)).at(-1)).toBe(1_000), 60_000);
    await sendLong(alice, conversation, 2_000, 2_000);
    await eventually(async () => expect(faults.at(-1)).toBeNull());
    const order = [...kept, 1_000, 2_000];
    await eventually(async () => expect(await numbersOf(bob, conversation)).toEqual(order));
    expect(await numbersOf(alice, conversation)).toEqual(order);
  },
);
