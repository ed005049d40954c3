/** A read-only relay serves what is there and takes nothing new, so that a copy of its data misses nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createId, type ConversationId, type Session } from '../../../protocol/index.ts';
import { helloFrame, openPlainClient, registerAt, type PlainClient } from '../../support/plain-client.ts';
import { openConversation } from '../../support/relay-blobs.ts';
import { message } from '../../support/relay-client.ts';
import { removeFolder, temporaryFolder } from '../../support/relay-config.ts';
import { startRelay, type TestRelay } from '../../support/start-relay.ts';

let dataDir: string;
let relay: TestRelay;
let anna: Session;
let ben: Session;
let conversation: ConversationId;
let client: PlainClient;

beforeAll(async () => {
  dataDir = await temporaryFolder();
  relay = await startRelay({ dataDir });
  [anna, ben] = [await registerAt(relay.address, 'anna'), await registerAt(relay.address, 'ben')];
  conversation = await openConversation(relay.address, anna, ben);
  const { account, device } = anna;
  const sent = { ...message(conversation, 'before'), user: account.id, device, kind: 'content' };
  await relay.store.log.append([sent], Date.now());
  await relay.stop();
  relay = await startRelay({ dataDir, config: { readOnly: true } });
  client = openPlainClient(relay.address);
  client.send(helloFrame(ben.token));
  await client.next('welcome');
});
afterAll(async () => {
  await relay.stop();
  await removeFolder(dataDir);
});

const head = async () => (await relay.store.conversations.get(conversation, ben.account.id))?.head;

describe('a read-only relay', () => {
  it('lets people in and gives them what is there', async () => {
    client.send({ type: 'sync', have: [{ conversation, seq: 0 }], last: true });
    const { messages } = await client.next('deliver');
    expect(messages.map(({ seq }) => seq)).toEqual([1]);
    await client.next('synced');
  });

  it('answers what people send with "try again later", in words, and keeps nothing of it', async () => {
    client.send(message(conversation, 'meanwhile'));
    const { code, message: words, retryAfterMs } = await client.next('refused');
    expect(code).toBe('unavailable');
    expect(words).toContain('moving to another place. What you send is kept on this device');
    expect(retryAfterMs).toBeGreaterThan(1_000);
    expect(await head()).toBe(1);
  });

  it('takes no cursors, log-ins, accounts, conversations or files, and does not fail over it', async () => {
    client.send({ type: 'cursor', conversation, delivered: 1, read: 1 }, { type: 'ping' });
    await client.next('pong');
    const cursors = (await relay.store.conversations.get(conversation, ben.account.id))?.cursors;
    expect(cursors?.find(({ user }) => user === ben.account.id)).toMatchObject({ delivered: 0, read: 0 });
    await expect(registerAt(relay.address, 'carol')).rejects.toThrow('moving to another place');
    const login = { username: 'anna', password: 'correct horse battery', device: { name: 'Two', platform: 'test' } };
    const answer = await fetch(`${relay.address}/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(login),
    });
    expect(answer.status).toBe(503);
    const { store } = relay;
    const self = { id: createId<ConversationId>(), members: [ben.account.id, ben.account.id] as const, now: 1 };
    await expect(store.conversations.openDirect(self)).rejects.toMatchObject({ code: 'unavailable' });
    expect((await fetch(`${relay.address}/readyz`)).status).toBe(200);
  });

  it('still finds a conversation that two people have', async () => {
    expect(await openConversation(relay.address, anna, ben)).toBe(conversation);
  });
});
