/** Notes between nodes may be lost, late, repeated and out of order: devices get every message in order, once. */
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createId, type ConversationId, type MessageId } from '../../../protocol/index.ts';
import type { Fate } from '../../support/linked-buses.ts';
import { message, type RelayClient } from '../../support/relay-client.ts';
import { addConversation, addDevice, addPerson, type TestDevice } from '../../support/relay-core.ts';
import { startRelayFleet, type RelayFleet } from '../../support/relay-fleet.ts';

/** From when the loss is known until everybody has everything: 2 s, and what a machine may take that runs other tests too. */
const lateAtMostMs = 2_500;

let fleet: RelayFleet;
const clients: RelayClient[] = [];

beforeAll(async () => {
  fleet = await startRelayFleet(3);
});
afterEach(async () => {
  fleet.buses.fate = () => 'arrives';
  for (const { bus } of fleet.nodes) bus.mend();
  await Promise.all(clients.splice(0).map((client) => client.close()));
});
afterAll(() => fleet.stop());

async function connect(node: number, device: TestDevice, have: Record<ConversationId, number> = {}) {
  const client = await (fleet.nodes[node] as RelayFleet['nodes'][number]).hello(device);
  clients.push(client);
  await client.sync(have);
  return client;
}

async function pair() {
  const [anna, ben] = [await addPerson(fleet.store), await addPerson(fleet.store)];
  return { anna, ben, conversation: await addConversation(fleet.store, anna, ben) };
}

/** What the device has heard of: what came by `deliver`, and its own messages. */
function heard(client: RelayClient, conversation: ConversationId): number[] {
  const own = client.all('accepted').filter((frame) => frame.conversation === conversation);
  return [...new Set([...client.delivered(conversation), ...own.map(({ seq }) => seq)])].sort((a, b) => a - b);
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe('a device on another node than the sender', () => {
  it('gets a message whose note was lost when it hears of the next one, both in order', async () => {
    const { anna, ben, conversation } = await pair();
    const [sender, receiver] = [await connect(0, anna), await connect(1, ben)];
    fleet.buses.fate = () => 'is lost';
    await sender.say(conversation, 'one');
    await sender.say(conversation, 'two');
    fleet.buses.fate = () => 'arrives';
    await sender.say(conversation, 'three');
    await sender.say(conversation, 'four');
    await receiver.until(() => receiver.delivered(conversation).length === 4);
    expect(receiver.delivered(conversation)).toEqual([1, 2, 3, 4]);
  });

  it('gets messages of two nodes in order, whatever order their notes come in, and none twice', async () => {
    const { anna, ben, conversation } = await pair();
    const tablet = await addDevice(fleet.store, anna.profile);
    const [first, second, receiver] = [await connect(0, anna), await connect(1, tablet), await connect(2, ben)];
    fleet.buses.fate = (from, to) => (from === 0 && to === 2 ? 'comes late' : 'comes twice');
    for (let count = 0; count < 5; count++) {
      await first.say(conversation, 'from node 0');
      await second.say(conversation, 'from node 1');
    }
    fleet.buses.deliverLate((count) => count - 1);
    await receiver.until(() => receiver.delivered(conversation).length >= 10);
    await first.say(conversation, 'last');
    fleet.buses.deliverLate();
    await receiver.until(() => receiver.delivered(conversation).includes(11));
    expect(receiver.delivered(conversation)).toEqual(upTo(11));
  });

  it('gets what was said while its node was cut off within two seconds, without waiting for the end of the cut', async () => {
    const { anna, ben, conversation } = await pair();
    const [sender, receiver] = [await connect(0, anna), await connect(1, ben)];
    fleet.nodes[1]?.bus.cut();
    await sender.say(conversation, 'unheard');
    const since = performance.now();
    await receiver.until(() => receiver.delivered(conversation).length === 1);
    expect(performance.now() - since).toBeLessThan(lateAtMostMs);
  });

  it('hears of a conversation that was opened while its node was cut off, and of what was said in it', async () => {
    const [anna, ben] = [await addPerson(fleet.store), await addPerson(fleet.store)];
    const receiver = await connect(1, ben);
    fleet.nodes[1]?.bus.cut();
    const conversation = await addConversation(fleet.store, anna, ben);
    const sender = await connect(0, anna);
    await sender.say(conversation, 'hello');
    await receiver.until(() => receiver.delivered(conversation).length === 1);
    const told = receiver.frames.findIndex(
      (frame) => frame.type === 'conversations' && frame.conversations.some(({ id }) => id === conversation),
    );
    expect(told).toBeGreaterThanOrEqual(0);
    expect(told).toBeLessThan(receiver.frames.findIndex((frame) => frame.type === 'deliver'));
  });

  it('hears of a conversation without messages that was opened while its node was cut off, once the cut ends', async () => {
    const [anna, ben] = [await addPerson(fleet.store), await addPerson(fleet.store)];
    const receiver = await connect(1, ben);
    fleet.nodes[1]?.bus.cut();
    const conversation = await addConversation(fleet.store, anna, ben);
    fleet.nodes[1]?.bus.mend();
    await receiver.until(() =>
      receiver.all('conversations').some(({ conversations }) => conversations.some(({ id }) => id === conversation)),
    );
  });

  it('hears how far others have read, which was told while its node was cut off, once the cut ends', async () => {
    const { anna, ben, conversation } = await pair();
    const [sender, receiver] = [await connect(0, anna), await connect(1, ben)];
    await sender.say(conversation, 'read this');
    await receiver.until(() => receiver.delivered(conversation).length === 1);
    fleet.nodes[0]?.bus.cut();
    receiver.send({ type: 'cursor', conversation, read: 1 });
    await receiver.next('cursors');
    fleet.nodes[0]?.bus.mend();
    await sender.until(() =>
      sender
        .all('conversations')
        .flatMap(({ conversations }) => conversations)
        .some(
          ({ id, cursors }) => id === conversation && cursors.some(({ user, read }) => user === ben.user && read === 1),
        ),
    );
  });

  it('gets a message whose node died before it told anyone, once its sender sends it again to another node', async () => {
    const { anna, ben, conversation } = await pair();
    const receiver = await connect(1, ben);
    const id = createId<MessageId>();
    const payload = message(conversation, 'stored, not told', id).payload;
    const common = { conversation, id, user: anna.user, device: anna.device, epoch: 0, kind: 'content', payload };
    await fleet.store.log.append([common], Date.now());
    const sender = await connect(0, anna, { [conversation]: 1 });
    sender.send(message(conversation, 'stored, not told', id));
    expect(await sender.next('accepted')).toMatchObject({ seq: 1 });
    await receiver.until(() => receiver.delivered(conversation).length === 1);
    sender.send(message(conversation, 'stored, not told', id));
    await sender.next('accepted');
    await sender.say(conversation, 'next');
    await receiver.until(() => receiver.delivered(conversation).includes(2));
    expect(receiver.delivered(conversation)).toEqual([1, 2]);
  });

  it('gets what its user’s other device, which syncs anew, turns out to have missed with it', async () => {
    const { anna, ben, conversation } = await pair();
    const tablet = await addDevice(fleet.store, ben.profile);
    const [sender, receiver] = [await connect(0, anna), await connect(1, ben)];
    fleet.buses.fate = () => 'is lost';
    await sender.say(conversation, 'unheard');
    const other = await connect(1, tablet);
    expect(other.delivered(conversation)).toEqual([1]);
    await receiver.until(() => receiver.delivered(conversation).length === 1);
    fleet.buses.fate = () => 'arrives';
    await sender.say(conversation, 'heard');
    await Promise.all([receiver, other].map((each) => each.until(() => each.delivered(conversation).includes(2))));
    expect([receiver, other].map((each) => each.delivered(conversation))).toEqual([upTo(2), upTo(2)]);
  });
});

describe('a store that lost what it had', () => {
  it('has devices connect anew, so that they find out, when nodes look into it', async () => {
    const { anna, ben, conversation } = await pair();
    const [sender, receiver] = [await connect(0, anna), await connect(1, ben)];
    await sender.say(conversation, 'kept');
    await receiver.until(() => receiver.delivered(conversation).length === 1);
    const [first] = await fleet.store.log.read(conversation, { from: 1, to: 1, limit: 1, maxBytes: 1 });
    if (!first) throw new Error('The message is not there.');
    // As another node tells that had it stored, before the store's old copy took over.
    const note = { type: 'messages', conversation, messages: [{ ...first, seq: 2 }], except: anna.device } as const;
    fleet.nodes[0]?.bus.publish(`user:${ben.user}`, note);
    await receiver.until(() => receiver.delivered(conversation).length === 2);
    fleet.nodes[1]?.bus.tellLoss(Date.now());
    expect((await receiver.closed).code).toBe(4504);
    const again = await connect(1, ben, { [conversation]: 2 });
    expect(again.all('error')).toMatchObject([{ code: 'seq_ahead', conversation }]);
    sender.send({ type: 'ping' });
    await sender.next('pong');
  });
});

describe('whatever the network between nodes does', () => {
  const fates = fc.constantFrom<Fate[]>('arrives', 'arrives', 'arrives', 'is lost', 'comes twice', 'comes late');
  const acts = fc.oneof(
    { weight: 12, arbitrary: fc.record({ act: fc.constant('say' as const), who: fc.nat(5), in: fc.nat(2) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        act: fc.constant('all say' as const),
        in: fc.nat(2),
        times: fc.integer({ min: 1, max: 3 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ act: fc.constant('late' as const), seed: fc.nat(1_000) }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('cut' as const), node: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('mend' as const), node: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('loss' as const) }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('return' as const), who: fc.nat(5), to: fc.nat(2) }) },
  );

  it('every device has every message in order and once, two seconds after the loss is known', async () => {
    const plan = fc.record({
      acts: fc.array(acts, { minLength: 20, maxLength: 80 }),
      fates: fc.array(fates, { minLength: 5, maxLength: 60 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async (each) => play(each.acts, each.fates)),
      { numRuns: 25, endOnFailure: true, interruptAfterTimeLimit: 60_000 },
    );
  }, 90_000);

  type Act = typeof acts extends fc.Arbitrary<infer T> ? T : never;

  async function play(plan: readonly Act[], network: readonly Fate[]): Promise<void> {
    const began = Date.now();
    const people = [await addPerson(fleet.store), await addPerson(fleet.store), await addPerson(fleet.store)];
    const [anna, ben, cleo] = people as [TestDevice, TestDevice, TestDevice];
    const conversations = [
      await addConversation(fleet.store, anna, ben),
      await addConversation(fleet.store, ben, cleo),
      await addConversation(fleet.store, anna, cleo),
    ];
    const members = [
      [0, 1],
      [1, 2],
      [0, 2],
    ];
    const devices = [...people];
    for (const person of people) devices.push(await addDevice(fleet.store, person.profile));
    const open: RelayClient[] = [];
    for (const [index, device] of devices.entries()) open.push(await connect(index % 3, device));
    const heads = [0, 0, 0];
    let step = 0;
    fleet.buses.fate = () => network[step++ % network.length] ?? 'arrives';

    for (const act of plan) {
      if (act.act === 'say') await say(act.who, act.in);
      else if (act.act === 'all say') await allSay(act.in, act.times);
      else if (act.act === 'late') fleet.buses.deliverLate((count) => act.seed % count);
      else if (act.act === 'cut') fleet.nodes[act.node]?.bus.cut();
      else if (act.act === 'mend') fleet.nodes[act.node]?.bus.mend();
      else if (act.act === 'loss') fleet.nodes[0]?.bus.tellLoss(began);
      else await comeBack(act.who, act.to);
    }

    async function say(who: number, where: number): Promise<void> {
      if (!members[where]?.includes(who % 3)) return;
      const answer = await (open[who] as RelayClient).say(conversations[where] as ConversationId, 'text');
      if (answer.type === 'accepted') heads[where] = Math.max(heads[where] ?? 0, answer.seq);
    }

    /** At the same time, so that nodes number messages of one conversation in turns. */
    async function allSay(where: number, times: number): Promise<void> {
      const all = [...open.keys()].flatMap((who) => Array.from({ length: times }, () => say(who, where)));
      await Promise.all(all);
    }

    async function comeBack(who: number, to: number): Promise<void> {
      const client = open[who] as RelayClient;
      check(client, who, false);
      const have = Object.fromEntries(theirs(who).map((at) => [conversations[at], whole(client, conversations[at])]));
      await client.close();
      const again = await connect(to, devices[who] as TestDevice, have);
      held.set(again, have);
      open[who] = again;
    }

    function theirs(who: number): number[] {
      return [0, 1, 2].filter((at) => members[at]?.includes(who % 3));
    }

    /** The seqs from the first on that the device holds, what it held when it came back included. */
    function all(client: RelayClient, conversation: ConversationId): number[] {
      return [...new Set([...upTo(held.get(client)?.[conversation] ?? 0), ...heard(client, conversation)])];
    }

    function whole(client: RelayClient, conversation = '' as ConversationId): number {
      const seqs = all(client, conversation);
      return seqs.findIndex((seq, index) => seq !== index + 1) === -1
        ? seqs.length
        : seqs.findIndex((seq, index) => seq !== index + 1);
    }

    /** Nothing came twice or out of order, apart from places that the device's own messages fill. */
    function check(client: RelayClient, who: number, isWhole: boolean): void {
      for (const at of theirs(who)) {
        const conversation = conversations[at] as ConversationId;
        const delivered = client.delivered(conversation);
        expect(delivered).toEqual([...new Set(delivered)].sort((a, b) => a - b));
        if (isWhole) expect(all(client, conversation)).toEqual(upTo(heads[at] as number));
      }
    }

    fleet.buses.fate = () => 'arrives';
    for (const { bus } of fleet.nodes) bus.mend();
    fleet.nodes[0]?.bus.tellLoss(began);
    const known = performance.now();
    for (const [who, client] of open.entries()) {
      const left = lateAtMostMs - (performance.now() - known);
      await client.until(
        () =>
          theirs(who).every((at) => all(client, conversations[at] as ConversationId).length >= (heads[at] as number)),
        left,
      );
    }
    fleet.buses.deliverLate();
    for (const [who, client] of open.entries()) check(client, who, true);
    await Promise.all(clients.splice(0).map((client) => client.close()));
  }

  const held = new WeakMap<RelayClient, Record<ConversationId, number>>();
});
