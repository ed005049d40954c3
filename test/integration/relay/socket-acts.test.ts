/** What devices may ask for besides sending: fetches, cursors, signals, and what they may not. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createId, limits, type ConversationId, type DeviceId } from '../../../protocol/index.ts';
import {
  addConversation,
  addDevice,
  addPerson,
  startRelayCore,
  type RelayCore,
  type TestDevice,
} from '../../support/relay-core.ts';
import { message, type RelayClient } from '../../support/relay-client.ts';

let relay: RelayCore;
let anna: TestDevice;
let ben: TestDevice;
let stranger: TestDevice;
let conversation: ConversationId;

beforeEach(async () => {
  relay = await startRelayCore();
  anna = await addPerson(relay.store);
  ben = await addPerson(relay.store);
  stranger = await addPerson(relay.store);
  conversation = await addConversation(relay.store, anna, ben);
});
afterEach(() => relay.stop());

async function synced(device: TestDevice): Promise<RelayClient> {
  const client = await relay.hello(device);
  await client.sync();
  return client;
}

/** Anna wrote all this before. */
async function fillLog(count: number, text: string): Promise<void> {
  for (let left = count; left > 0; left -= 500) {
    const rows = Array.from({ length: Math.min(left, 500) }, () => ({
      ...message(conversation, text),
      user: anna.user,
      device: anna.device,
      kind: 'content',
    }));
    await relay.store.log.append(rows, Date.now());
  }
}

describe('a fetch', () => {
  it('gives a range in order, at most a batch, and says where the conversation ends', async () => {
    await fillLog(700, 'x');
    const client = await synced(ben);
    const seqs: number[] = [];
    for (let ref = 7; seqs.at(-1) !== 700; ref++) {
      client.send({ type: 'fetch', ref, conversation, from: (seqs.at(-1) ?? 99) + 1, to: 100_000 });
      const fetched = await client.next('fetched');
      expect(fetched).toMatchObject({ ref, conversation, head: 700 });
      expect(fetched.messages.length).toBeLessThanOrEqual(limits.batchMessages);
      seqs.push(...fetched.messages.map(({ seq }) => seq));
    }
    expect(seqs).toEqual(Array.from({ length: 601 }, (_, index) => index + 100));
  });

  it('past the end, upside down, or of a conversation that is not one’s own is refused, and the connection goes on', async () => {
    const [client, other] = [await synced(anna), await synced(stranger)];
    await client.say(conversation, 'one');
    client.send({ type: 'fetch', ref: 1, conversation, from: 2, to: 3 });
    expect(await client.next('error')).toMatchObject({ code: 'seq_ahead', ref: 1, conversation });
    client.send(
      { type: 'fetch', ref: 2, conversation, from: 1, to: 1 },
      { type: 'fetch', ref: 3, conversation: createId(), from: 1, to: 1 },
    );
    expect(await client.next('fetched')).toMatchObject({ ref: 2 });
    const unknown = await client.next('error');
    other.send({ type: 'fetch', ref: 3, conversation, from: 1, to: 1 });
    expect({ ...(await other.next('error')), conversation: unknown.conversation }).toEqual(unknown);
    client.send({ type: 'fetch', ref: 4, conversation, from: 1, to: 1 });
    await client.next('fetched');
  });

  it('asked a hundred times at once is answered a hundred times, by messages or by "later"', async () => {
    const client = await synced(anna);
    await client.say(conversation, 'one');
    for (let ref = 0; ref < 100; ref++) client.send({ type: 'fetch', ref, conversation, from: 1, to: 1 });
    await client.until(() => client.all('fetched').length + client.all('error').length === 100);
    const refs = [...client.all('fetched'), ...client.all('error')].map(({ ref }) => ref ?? -1);
    expect(refs.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(client.all('error').every(({ code }) => code === 'rate_limited')).toBe(true);
  });
});

describe('a cursor', () => {
  it('is shared with all devices of all members', async () => {
    const tablet = await synced(await addDevice(relay.store, ben.profile));
    const [sender, reader] = [await synced(anna), await synced(ben)];
    await sender.say(conversation, 'one');
    await reader.next('deliver');
    reader.send({ type: 'cursor', conversation, delivered: 1 }, { type: 'cursor', conversation, read: 1 });
    for (const client of [sender, tablet, reader]) {
      expect((await client.next('cursors')).cursors).toEqual([{ user: ben.user, delivered: 1, read: 1 }]);
    }
    reader.send({ type: 'cursor', conversation, delivered: 1 }, { type: 'ping' });
    await reader.next('pong');
    expect(sender.all('cursors')).toHaveLength(1);
  });

  it('past the head, or in a conversation that is not one’s own, is refused', async () => {
    const [client, other] = [await synced(anna), await synced(stranger)];
    client.send({ type: 'cursor', conversation, read: 1 });
    expect(await client.next('error')).toMatchObject({ code: 'seq_ahead', conversation });
    other.send({ type: 'cursor', conversation, read: 0 });
    expect(await other.next('error')).toMatchObject({ code: 'not_found', conversation });
  });
});

describe('a signal', () => {
  const payload = new Uint8Array([1, 2]);

  it('reaches all devices of the other members, or the one it is for', async () => {
    const tablet = await addDevice(relay.store, ben.profile);
    const [sender, phone, other] = [await synced(anna), await synced(ben), await synced(tablet)];
    sender.send({ type: 'signal', ref: 1, conversation, payload });
    for (const client of [phone, other]) {
      expect(await client.next('signal')).toMatchObject({ conversation, user: anna.user, device: anna.device });
    }
    sender.send({ type: 'signal', ref: 2, conversation, device: tablet.device, payload });
    await other.next('signal');
    phone.send({ type: 'ping' });
    await phone.next('pong');
    expect(phone.all('signal')).toHaveLength(1);
    expect(sender.all('unreachable')).toEqual([]);
  });

  it('reaches the sender’s own other devices too when it asks for that, and never comes back', async () => {
    const tablet = await synced(await addDevice(relay.store, anna.profile));
    const [sender, other] = [await synced(anna), await synced(ben)];
    sender.send({ type: 'signal', ref: 1, conversation, payload: new Uint8Array([1]) });
    sender.send({ type: 'signal', ref: 2, conversation, own: true, payload: new Uint8Array([2]) });
    expect(await tablet.next('signal')).toMatchObject({ user: anna.user, device: anna.device, payload: Buffer.of(2) });
    await other.until(() => other.all('signal').length === 2);
    sender.send({ type: 'signal', ref: 3, conversation, device: anna.device, payload });
    expect(await sender.next('unreachable')).toEqual({ type: 'unreachable', ref: 3 });
    for (const client of [sender, tablet, other]) {
      client.send({ type: 'ping' });
      await client.next('pong');
    }
    expect([sender, tablet, other].map((client) => client.all('signal').length)).toEqual([0, 1, 2]);
  });

  it('to own devices alone is unreachable when there is none but the sender', async () => {
    const sender = await synced(anna);
    sender.send({ type: 'signal', ref: 4, conversation, own: true, payload });
    expect(await sender.next('unreachable')).toEqual({ type: 'unreachable', ref: 4 });
    expect(sender.all('signal')).toEqual([]);
  });

  it('to nobody, to an absent device or to one outside the conversation is unreachable, at once and alike', async () => {
    const [sender] = [await synced(anna), await synced(stranger)];
    const targets = [undefined, ben.device, stranger.device, createId<DeviceId>()];
    for (const [ref, device] of targets.entries()) sender.send({ type: 'signal', ref, conversation, device, payload });
    await sender.until(() => sender.all('unreachable').length === 4);
    expect(sender.all('unreachable').map(({ ref }) => ref)).toEqual([0, 1, 2, 3]);
  });

  it('in a conversation that is not one’s own is not found', async () => {
    const other = await synced(stranger);
    other.send(
      { type: 'signal', ref: 1, conversation, payload },
      { type: 'signal', ref: 1, conversation: createId(), payload },
    );
    const [foreign, unknown] = [await other.next('error'), await other.next('error')];
    expect({ ...foreign, conversation: unknown.conversation }).toEqual(unknown);
  });
});

describe('a message is refused, and the connection goes on', () => {
  it('for a foreign conversation exactly as for one that does not exist', async () => {
    const other = await synced(stranger);
    const [foreign, unknown] = [await other.say(conversation, 'x'), await other.say(createId(), 'x')];
    expect(foreign).toMatchObject({ type: 'refused', code: 'not_found' });
    expect({ ...foreign, conversation: unknown.conversation, id: unknown.id }).toEqual(unknown);
  });

  it('with a stale epoch, and says the present one', async () => {
    const client = await synced(anna);
    client.send(message(conversation, 'x', createId(), 3));
    expect(await client.next('refused')).toMatchObject({ code: 'stale_epoch', epoch: 0 });
  });

  it('when its payload is too large', async () => {
    const client = await synced(anna);
    expect(await client.say(conversation, 'x'.repeat(limits.payloadBytes + 1))).toMatchObject({
      code: 'payload_too_large',
    });
    expect(await client.say(conversation, 'x'.repeat(limits.payloadBytes))).toMatchObject({ type: 'accepted', seq: 1 });
  });

  it('when the user sends too fast, from whichever device, and says when to come back', async () => {
    const client = await synced(anna);
    const tablet = await synced(await addDevice(relay.store, anna.profile));
    for (let count = 0; count < 400; count++) client.send(message(conversation, 'x'));
    for (let count = 0; count < 400; count++) tablet.send(message(conversation, 'x'));
    const answers = () => [client, tablet].flatMap((each) => [...each.all('accepted'), ...each.all('refused')]);
    await client.until(() => answers().length >= 790).catch(() => {});
    await tablet.until(() => answers().length === 800);
    const refused = answers().filter((answer) => answer.type === 'refused');
    expect(refused.length).toBeGreaterThan(100);
    expect(refused.every(({ code, retryAfterMs }) => code === 'rate_limited' && (retryAfterMs ?? 0) > 0)).toBe(true);
  });
});

describe('a sync', () => {
  it('names what is wrong with each conversation and goes on with the rest', async () => {
    const other = await addConversation(relay.store, anna, stranger);
    const sender = await synced(ben);
    await sender.say(conversation, 'one');
    const foreign = await addConversation(relay.store, ben, stranger);
    const client = await relay.hello(anna);
    const have = [
      { conversation: other, seq: 5 },
      { conversation: foreign, seq: 0 },
    ];
    client.send({ type: 'sync', have, last: true });
    await client.next('synced');
    expect(client.all('error')).toMatchObject([
      { code: 'not_found', conversation: foreign },
      { code: 'seq_ahead', conversation: other },
    ]);
    expect(client.all('conversations').flatMap(({ conversations }) => conversations.map(({ id }) => id))).toEqual([
      conversation,
      other,
    ]);
    expect(client.delivered(conversation)).toEqual([1]);
  });

  it('in several frames is one sync', async () => {
    const sender = await synced(ben);
    for (const text of ['one', 'two']) await sender.say(conversation, text);
    const client = await relay.hello(anna);
    client.send(
      { type: 'sync', have: [{ conversation, seq: 1 }], last: false },
      { type: 'sync', have: [], last: true },
    );
    await client.next('synced');
    expect(client.delivered(conversation)).toEqual([2]);
    expect(client.all('synced')).toHaveLength(1);
  });

  it('gives the last message that is held again where there are newer ones, if it is asked to', async () => {
    const quiet = await addConversation(relay.store, anna, stranger);
    const sender = await synced(ben);
    for (const text of ['one', 'two', 'three']) await sender.say(conversation, text);
    const other = await synced(stranger);
    await other.say(quiet, 'nothing new');
    const client = await relay.hello(anna);
    const have = [
      { conversation, seq: 2 },
      { conversation: quiet, seq: 1 },
    ];
    client.send({ type: 'sync', have, last: true, overlap: true });
    await client.next('synced');
    expect(client.delivered(conversation)).toEqual([2, 3]);
    expect(client.delivered(quiet)).toEqual([]);
    expect(client.all('syncing')).toMatchObject([{ conversations: 1, messages: 2 }]);
  });

  it('while others write loses nothing, repeats nothing and keeps the order', async () => {
    await fillLog(3_000, 'x');
    const sender = await synced(anna);
    let writing = true;
    const writer = (async () => {
      for (let count = 0; writing; count++) await sender.say(conversation, `live ${count}`);
    })();
    const client = await relay.hello(ben);
    await client.sync();
    writing = false;
    await writer;
    const head = sender.all('accepted').at(-1)?.seq ?? 0;
    await client.until(() => client.delivered(conversation).length >= head);
    expect(client.delivered(conversation)).toEqual(Array.from({ length: head }, (_, index) => index + 1));
  });

  it('gives the end of a long rest first, and what is said meanwhile ahead of it, if it is asked to', async () => {
    await fillLog(4_000, 'x'.repeat(2_000));
    const sender = await synced(anna);
    const client = await relay.hello(ben);
    client.send({ type: 'sync', have: [], last: true, ahead: true });
    await client.next('syncing');
    await sender.say(conversation, 'now');
    await client.next('synced');
    const seqs = client.delivered(conversation);
    expect(seqs.slice(0, 30)).toEqual(Array.from({ length: 30 }, (_, at) => 3_971 + at));
    expect([...seqs].sort((one, other) => one - other)).toEqual(Array.from({ length: 4_001 }, (_, at) => at + 1));
    expect(seqs.indexOf(4_001)).toBeLessThan(4_000);
    expect(seqs.filter((seq) => seq < 3_971)).toEqual(Array.from({ length: 3_970 }, (_, at) => at + 1));
  });

  it('is not needed for live messages: they start by themselves after a moment', async () => {
    const [sender, bot] = [await synced(anna), await relay.hello(ben)];
    await sender.say(conversation, 'one');
    await bot.next('deliver');
    await sender.say(conversation, 'two');
    await bot.next('deliver');
    expect(bot.delivered(conversation)).toEqual([1, 2]);
  });
});
