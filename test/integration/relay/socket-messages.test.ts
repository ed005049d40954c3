/** Messages over real sockets: durable, in one order, once, and none missed. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createId, type ConversationId, type MessageId } from '../../../protocol/index.ts';
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
let conversation: ConversationId;

beforeEach(async () => {
  relay = await startRelayCore();
  anna = await addPerson(relay.store);
  ben = await addPerson(relay.store);
  conversation = await addConversation(relay.store, anna, ben);
});
afterEach(() => relay.stop());

async function synced(device: TestDevice): Promise<RelayClient> {
  const client = await relay.hello(device);
  await client.sync();
  return client;
}

describe('a message', () => {
  it('is accepted and reaches the other members, and all other devices of the sender', async () => {
    const laptop = await addDevice(relay.store, anna.profile);
    const [sender, own, other] = await Promise.all([synced(anna), synced(laptop), synced(ben)]);
    const accepted = await sender.say(conversation, 'hello');
    expect(accepted).toMatchObject({ type: 'accepted', seq: 1, conversation });
    for (const client of [own, other]) {
      const { messages } = await client.next('deliver');
      expect(messages).toMatchObject([{ seq: 1, user: anna.user, device: anna.device, kind: 'content' }]);
      expect(new TextDecoder().decode(messages[0]?.payload)).toBe('hello');
    }
    await sender.say(conversation, 'again');
    expect(sender.all('deliver')).toEqual([]);
  });

  it('gets the same seq when it is sent again, and nobody sees it twice', async () => {
    const [sender, other] = await Promise.all([synced(anna), synced(ben)]);
    const id = createId<MessageId>();
    const first = await sender.say(conversation, 'once', id);
    sender.send(message(conversation, 'once', id), message(conversation, 'once', id));
    const again = await sender.next('accepted');
    expect(again).toEqual(first);
    await sender.say(conversation, 'end');
    await other.until(() => other.delivered(conversation).includes(2));
    expect(other.delivered(conversation)).toEqual([1, 2]);
  });

  it('missed while away arrives in order at the next sync, before live ones', async () => {
    const sender = await synced(anna);
    for (let count = 0; count < 1_200; count++) sender.send(message(conversation, `message ${count}`));
    await sender.until(() => sender.all('accepted').length + sender.all('refused').length === 1_200);
    const stored = sender.all('accepted').length;
    const late = await relay.hello(ben);
    late.send({ type: 'sync', have: [{ conversation, seq: 100 }], last: true });
    await late.next('synced');
    expect(await late.find(() => true).catch(() => null)).toBeNull();
    expect(late.delivered(conversation)).toEqual(Array.from({ length: stored - 100 }, (_, index) => index + 101));
    expect(late.all('syncing')).toMatchObject([{ conversations: 1, messages: stored - 100 }]);
  }, 20_000);
});
