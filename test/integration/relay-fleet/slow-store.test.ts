/** A store that takes its time, or is away: nobody queues for no reason, nothing is lost, and waiting is bounded. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createId, ParleyError, type MessageId } from '../../../protocol/index.ts';
import type { Store } from '../../../signaling-server/ports/store.ts';
import { message } from '../../support/relay-client.ts';
import { addConversation, addPerson, type TestDevice } from '../../support/relay-core.ts';
import { startRelayFleet, type RelayFleet } from '../../support/relay-fleet.ts';

let fleet: RelayFleet | undefined;
afterEach(() => fleet?.stop());

async function start(wrapStore: (store: Store) => Store) {
  fleet = await startRelayFleet(1, { wrapStore });
  const [node] = fleet.nodes;
  if (!node) throw new Error('The fleet has no node.');
  return node;
}

/** Has calls take a while. @returns the store, and how many of each kind were under way at most. */
function slowed(store: Store, ms: number) {
  const most = { hellos: 0, lists: 0, reads: 0 };
  function slow<A extends unknown[], R>(kind: keyof typeof most, ask: (...input: A) => Promise<R>) {
    let underWay = 0;
    return async (...input: A): Promise<R> => {
      most[kind] = Math.max(most[kind], ++underWay);
      await delay(ms);
      underWay--;
      return ask(...input);
    };
  }
  const { devices, conversations, log } = store;
  const slower: Store = {
    ...store,
    devices: { ...devices, byToken: slow('hellos', devices.byToken) },
    conversations: { ...conversations, listOf: slow('lists', conversations.listOf) },
    log: { ...log, read: slow('reads', log.read) },
  };
  return { slower, most };
}

describe('a store that takes 10 ms to answer', () => {
  it('gives many devices that come back together what they lack, some at a time', async () => {
    let most = { hellos: 0, lists: 0, reads: 0 };
    const node = await start((store) => {
      const made = slowed(store, 10);
      most = made.most;
      return made.slower;
    });
    const people = await Promise.all(Array.from({ length: 100 }, () => addPerson(node.store)));
    const talks: { device: TestDevice; conversation: Awaited<ReturnType<typeof addConversation>> }[] = [];
    for (const [index, device] of people.entries()) {
      const conversation = await addConversation(node.store, device, people[(index + 1) % 100] as TestDevice);
      const row = { ...message(conversation, 'text'), user: device.user, device: device.device, kind: 'content' };
      await node.store.log.append([row], 1);
      talks.push({ device, conversation });
    }
    const clients = await Promise.all(people.map(() => node.connect()));
    const since = performance.now();
    await Promise.all(
      clients.map(async (client, index) => {
        await client.hello((people[index] as TestDevice).token);
        await client.sync();
        expect(client.all('deliver')).toHaveLength(2);
      }),
    );
    // One after another: 100 devices, four questions of 10 ms each.
    expect(performance.now() - since).toBeLessThan(3_000);
    expect(most.hellos).toBe(32);
    expect(most.lists).toBeGreaterThan(8);
    expect(most.lists).toBeLessThanOrEqual(32);
    expect(most.reads).toBeGreaterThan(8);
    expect(most.reads).toBeLessThanOrEqual(32);
  });
});

describe('cursors', () => {
  it('do not wait for a group of messages that the store is taking', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    let hold = false;
    const node = await start((store) => ({
      ...store,
      log: {
        ...store.log,
        async append(messages, now) {
          if (hold) await held;
          return store.log.append(messages, now);
        },
      },
    }));
    const [anna, ben] = [await addPerson(node.store), await addPerson(node.store)];
    const conversation = await addConversation(node.store, anna, ben);
    const [sender, reader] = [await node.hello(anna), await node.hello(ben)];
    await sender.sync();
    await reader.sync();
    await sender.say(conversation, 'one');
    hold = true;
    sender.send(message(conversation, 'two'));
    reader.send({ type: 'cursor', conversation, read: 1 });
    expect(await sender.next('cursors')).toMatchObject({ cursors: [{ user: ben.user, read: 1 }] });
    release();
    expect(await sender.next('accepted')).toMatchObject({ seq: 2 });
  });
});

describe('while the store is away', () => {
  it('sends are refused with "try again", connections stay, and all goes on when it is back', async () => {
    let isAway = false;
    const guard = <A extends unknown[], R>(ask: (...input: A) => Promise<R>) => {
      return async (...input: A): Promise<R> => {
        if (isAway) throw new ParleyError('unavailable', { message: 'The database is away.', retryAfterMs: 700 });
        return ask(...input);
      };
    };
    const node = await start((store) => ({
      ...store,
      conversations: {
        ...store.conversations,
        get: guard(store.conversations.get),
        advance: guard(store.conversations.advance),
      },
      log: { ...store.log, append: guard(store.log.append), read: guard(store.log.read) },
    }));
    const [anna, ben] = [await addPerson(node.store), await addPerson(node.store)];
    const conversation = await addConversation(node.store, anna, ben);
    const [sender, receiver] = [await node.hello(anna), await node.hello(ben)];
    await sender.sync();
    await receiver.sync();
    isAway = true;
    const id = createId<MessageId>();
    expect(await sender.say(conversation, 'text', id)).toMatchObject({ code: 'unavailable', retryAfterMs: 700 });
    sender.send({ type: 'cursor', conversation, read: 1 });
    expect(await sender.next('error')).toMatchObject({ code: 'unavailable', conversation });
    sender.send({ type: 'fetch', ref: 1, conversation, from: 1, to: 1 });
    expect(await sender.next('error')).toMatchObject({ code: 'unavailable', ref: 1 });
    sender.send({ type: 'signal', ref: 2, conversation, payload: new Uint8Array(1) });
    expect(await sender.next('unreachable')).toMatchObject({ ref: 2 });
    sender.send({ type: 'attest', heads: [{ conversation, seq: 0, link: new Uint8Array(32) }] }, { type: 'ping' });
    await sender.next('pong');
    isAway = false;
    expect(await sender.say(conversation, 'text', id)).toMatchObject({ type: 'accepted', seq: 1 });
    await receiver.until(() => receiver.delivered(conversation).length === 1);
  });
});

describe('a session that was ended while its node heard nothing', () => {
  it('is closed at the end of the silence, so that the device asks what became of it', async () => {
    const node = await start((store) => store);
    const { store } = node;
    const [anna, ben, cleo] = [await addPerson(store), await addPerson(store), await addPerson(store)];
    const clients = await Promise.all([anna, ben, cleo].map((each) => node.hello(each)));
    node.bus.cut();
    await store.devices.revoke(anna.user, [anna.device]);
    await store.accounts.update(ben.user, { disabled: true });
    node.bus.mend();
    expect((await clients[0]?.closed)?.code).toBe(4504);
    expect((await clients[1]?.closed)?.code).toBe(4504);
    clients[2]?.send({ type: 'ping' });
    await clients[2]?.next('pong');
  });
});
