/** Thousands of random and half-right frames: a coded answer or a coded close for whoever sent them, nothing for others. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createId, encodeOne, errorCodeOfClose, isErrorCode, type ConversationId } from '../../../protocol/index.ts';
import {
  addConversation,
  addPerson,
  startRelayCore,
  type RelayCore,
  type TestDevice,
} from '../../support/relay-core.ts';
import type { RelayClient } from '../../support/relay-client.ts';

let relay: RelayCore;
let anna: TestDevice;
let mallory: TestDevice;
let conversation: ConversationId;
let own: ConversationId;

beforeAll(async () => {
  relay = await startRelayCore({ settings: { framesPerSecond: 1e6, frameBurst: 1e6 } });
  const ben = await addPerson(relay.store);
  anna = await addPerson(relay.store);
  mallory = await addPerson(relay.store);
  conversation = await addConversation(relay.store, anna, ben);
  own = await addConversation(relay.store, mallory, ben);
});
afterAll(() => relay.stop());

const seq = fc.oneof(fc.nat(3), fc.constantFrom(-1, 1.5, 2 ** 31, 2 ** 53 - 1, 2 ** 60, Number.NaN));
const bytes = fc.uint8Array({ maxLength: 40 });

/** Frames of the right names, whose fields are right, wrong or missing. */
function halfRight(): fc.Arbitrary<unknown> {
  const conversationId = fc.constantFrom<unknown>(conversation, own, createId(), 'no id', 5, null);
  const id = fc.constantFrom<unknown>(createId(), 'no id', null);
  const fields = {
    type: fc.constantFrom('send', 'cursor', 'fetch', 'signal', 'watch', 'sync', 'ping', 'hello', 'welcome', 'dance'),
    conversation: conversationId,
    id,
    ref: seq,
    epoch: seq,
    from: seq,
    to: seq,
    delivered: seq,
    read: seq,
    payload: fc.oneof(bytes, fc.string()),
    users: fc.array(id, { maxLength: 3 }),
    have: fc.array(fc.record({ conversation: conversationId, seq }), { maxLength: 3 }),
    last: fc.boolean(),
    device: id,
  };
  return fc.record(fields, { requiredKeys: ['type'] });
}

async function connect(): Promise<RelayClient> {
  const client = await relay.hello(mallory);
  await client.sync();
  return client;
}

it('never break the relay, and never change what is not the sender’s', async () => {
  const bystander = await relay.hello(anna);
  await bystander.sync();
  await bystander.say(conversation, 'mine');
  let client = await connect();
  const messages = fc.oneof(
    { weight: 6, arbitrary: halfRight().map(encodeOne) },
    { weight: 1, arbitrary: fc.anything().map((value) => encodeOne(value)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(messages, { minLength: 1, maxLength: 4 }), async (group) => {
      for (const message of group) client.sendRaw(message);
      client.sendRaw(encodeOne({ type: 'ping' }));
      await client.until(
        () => client.ws.readyState !== client.ws.OPEN || client.frames.some(({ type }) => type === 'pong'),
      );
      const codes = client.frames.flatMap((frame) =>
        frame.type === 'error' || frame.type === 'refused' ? [frame.code] : [],
      );
      expect(codes.filter((code) => !isErrorCode(code) || code === 'internal')).toEqual([]);
      if (client.ws.readyState !== client.ws.OPEN) {
        expect(errorCodeOfClose((await client.closed).code)).not.toBeNull();
        client = await connect();
      }
      client.frames.splice(0);
      client.rewind();
    }),
    { numRuns: 1_200 },
  );
  expect((await relay.store.conversations.get(conversation, anna.user))?.head).toBe(1);
  const lively = await bystander.say(conversation, 'still here');
  expect(lively).toMatchObject({ type: 'accepted', seq: 2 });
  await client.close();
  await expect.poll(() => relay.hub.counts()).toMatchObject({ connections: 1, sessions: 1, users: 1 });
}, 60_000);
