/** The relay's side of "the same on every device": links of its log, what devices signed off, and who is bounded. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  chainFormat,
  chainLink,
  chainStart,
  createId,
  limits,
  ParleyError,
  type ConversationId,
  type Envelope,
} from '../../../protocol/index.ts';
import { addConversation, addDevice, addPerson, startRelayCore } from '../../support/relay-core.ts';
import type { RelayCore, RelayCoreOptions, TestDevice } from '../../support/relay-core.ts';
import { message, type RelayClient } from '../../support/relay-client.ts';

let relay: RelayCore;
let anna: TestDevice;
let ben: TestDevice;
let conversation: ConversationId;

async function start(options: RelayCoreOptions = {}): Promise<void> {
  relay = await startRelayCore(options);
  anna = await addPerson(relay.store);
  ben = await addPerson(relay.store);
  conversation = await addConversation(relay.store, anna, ben);
}
beforeEach(() => start());
afterEach(() => relay.stop());

async function synced(device: TestDevice, have: Record<ConversationId, number> = {}): Promise<RelayClient> {
  const client = await relay.hello(device);
  await client.sync(have);
  return client;
}

async function fill(count: number, size = 20, into = conversation): Promise<void> {
  const row = () => ({ ...message(into, 'x'), ...sender(), kind: 'content', payload: new Uint8Array(size).fill(7) });
  await relay.store.log.append(Array.from({ length: count }, row), Date.now());
}
const sender = () => ({ user: anna.user, device: anna.device });

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

/** The links of all messages, as a device computes them from what it has. The first is the one before any. */
function chainOf(messages: readonly Envelope[], id = conversation): string[] {
  const links = [sha256(chainStart(id))];
  for (const { seq, device, id, payload } of messages) {
    const previous = links.at(-1) ?? Buffer.alloc(0);
    links.push(sha256(chainLink(previous, { seq, device, id, payloadHash: sha256(payload) })));
  }
  return links.map(hex);
}

async function wholeChain(): Promise<string[]> {
  const messages: Envelope[] = [];
  for (let from = 1; ; from = messages.length + 1) {
    const batch = await relay.store.log.read(conversation, { from, to: 1e9, limit: 500, maxBytes: 1e9 });
    if (batch.length === 0) return chainOf(messages);
    messages.push(...batch);
  }
}

async function ask(client: RelayClient, seqs: number[], ref = 1, about = conversation) {
  client.send({ type: 'chain', ref, conversation: about, seqs });
  const answer = await client.find((frame) => 'ref' in frame && frame.ref === ref, 20_000);
  if (answer.type !== 'chained') throw new Error(`chain answered with ${JSON.stringify(answer)}`);
  return { ...answer, links: Object.fromEntries(answer.links.map(({ seq, link }) => [seq, hex(link)])) };
}

describe('a question about a chain', () => {
  it('is answered with the links that a device computes from the same messages, in any order asked', async () => {
    await fill(1_000);
    const chain = await wholeChain();
    const client = await synced(ben);
    const seqs = [700, 1, 0, 256, 999, 512, 512, 3, 1_001, 5_000];
    const answer = await ask(client, seqs);
    expect(answer).toMatchObject({ conversation, head: 1_000, devices: [] });
    expect(answer.links).toEqual(Object.fromEntries([1, 3, 256, 512, 700, 999, 1_000].map((seq) => [seq, chain[seq]])));
    expect(await ask(client, seqs, 2)).toMatchObject({ links: answer.links });
    await fill(1);
    expect((await ask(client, [0], 3)).links).toEqual({ 1001: (await wholeChain())[1_001] });
    expect((await ask(client, [], 4)).links).toEqual({});
  });

  it('about an empty conversation is answered with the link before the first message', async () => {
    const answer = await ask(await synced(anna), [0]);
    expect(answer).toMatchObject({ head: 0, links: { 0: chainOf([])[0] } });
  });

  it('leaves checkpoints every 256 messages, from which the next one goes on', async () => {
    await fill(1_300);
    const chain = await wholeChain();
    await ask(await synced(ben), [0]);
    const kept = await relay.store.chains.checkpoints(conversation, 0, 10);
    expect(kept.map(({ seq, link }) => [seq, hex(link)])).toEqual(
      [256, 512, 768, 1_024, 1_280].map((seq) => [seq, chain[seq]]),
    );
    const read = vi.spyOn(relay.store.log, 'read');
    const client = await synced(anna);
    read.mockClear();
    await ask(client, [1_100]);
    expect(read.mock.calls.map(([, { from }]) => from)).toEqual([1_025]);
    read.mockClear();
    await ask(client, [0], 2);
    expect(read).not.toHaveBeenCalled();
  });

  it('of no member, or about nothing there is, gets the same refusal', async () => {
    const stranger = await synced(await addPerson(relay.store));
    stranger.send({ type: 'chain', ref: 1, conversation, seqs: [0] });
    const refused = await stranger.next('error');
    expect(refused).toMatchObject({ ref: 1, code: 'not_found', conversation });
    const nowhere = createId<ConversationId>();
    stranger.send({ type: 'chain', ref: 1, conversation: nowhere, seqs: [0] });
    expect(await stranger.next('error')).toEqual({ ...refused, conversation: nowhere });
  });

  it('asked a hundred times at once is answered each time, with links or with "later"', async () => {
    await fill(600);
    const client = await synced(anna);
    const refs = Array.from({ length: 100 }, (_, ref) => ref);
    client.send(...refs.map((ref) => ({ type: 'chain' as const, ref, conversation, seqs: [0, 300] })));
    const answers = () => [...client.all('chained'), ...client.all('error')];
    await client.until(() => answers().length === 100);
    expect(
      answers()
        .map(({ ref }) => ref ?? -1)
        .sort((a, b) => a - b),
    ).toEqual(refs);
    expect(client.all('error').every(({ code }) => code === 'rate_limited')).toBe(true);
    expect(new Set(client.all('chained').map(({ links }) => links.map(({ link }) => hex(link)).join()))).toHaveLength(
      1,
    );
  });

  it('is folded once however many ask, and holds nobody else up', async () => {
    await fill(8_000, 400);
    const chain = await wholeChain();
    const held = { [conversation]: 8_000 };
    const tablet = await addDevice(relay.store, ben.profile);
    const clients = await Promise.all([anna, ben, tablet].map((device) => synced(device, held)));
    const other = await addConversation(relay.store, anna, anna);
    const talker = await synced(await addDevice(relay.store, anna.profile), held);
    const read = vi.spyOn(relay.store.log, 'read');
    const asked = Promise.all(clients.map((client) => ask(client, [0], 7)));
    // Meanwhile others are answered one after the other; so few that nobody is a flooder.
    for (let said = 0; said < 50; said++) {
      expect(await talker.say(other, `${said}`)).toMatchObject({ type: 'accepted' });
    }
    for (const answer of await asked) expect(answer.links[8_000]).toBe(chain[8_000]);
    const folded = read.mock.calls.filter(([id]) => id === conversation).map(([, { from }]) => from);
    expect(new Set(folded).size).toBe(folded.length);
  });

  it('is answered without checkpoints when the disk takes none', async () => {
    await relay.stop();
    await start({
      wrapStore: (store) => ({
        ...store,
        chains: {
          ...store.chains,
          keep: () => Promise.reject(new ParleyError('storage_full', { message: 'The disk is full.' })),
        },
      }),
    });
    await fill(600);
    expect((await ask(await synced(anna), [0])).links).toEqual({ 600: (await wholeChain())[600] });
    expect(await relay.store.chains.checkpoints(conversation, 0, 9)).toEqual([]);
  });

  it('about a log with a hole is refused by name, and the connection goes on', async () => {
    await fill(600);
    const whole = relay.store.log.read.bind(relay.store.log);
    vi.spyOn(relay.store.log, 'read').mockImplementation(async (id, range) =>
      (await whole(id, range)).filter(({ seq }) => seq !== 300),
    );
    const client = await synced(anna);
    client.send({ type: 'chain', ref: 5, conversation, seqs: [0] });
    expect(await client.next('error')).toMatchObject({ ref: 5, conversation, code: 'storage_failed' });
    client.send({ type: 'chain', ref: 6, conversation, seqs: [256] });
    expect(await client.next('chained')).toMatchObject({ ref: 6, head: 600 });
  });
});

describe('what a device signs off', () => {
  const link = (fill: number): Uint8Array => new Uint8Array(chainFormat.linkBytes).fill(fill);
  const head = (seq: number, fill = seq, id = conversation) => ({ conversation: id, seq, link: link(fill) });
  const told = async (client: RelayClient, ref: number) =>
    (await ask(client, [], ref)).devices.map(({ device, seq, link }) => [device, seq, link[0]]);

  it('is told at once to all members who ask, and once it is on disk as well', async () => {
    await fill(5);
    const tablet = await addDevice(relay.store, ben.profile);
    const [first, second, third] = [await synced(anna), await synced(ben), await synced(tablet)];
    first.send({ type: 'attest', heads: [head(3)] });
    first.send({ type: 'attest', heads: [head(5)] });
    second.send({ type: 'attest', heads: [head(4), head(0, 9, await addConversation(relay.store, ben, ben))] });
    const answer = await ask(first, [], 1);
    expect(answer.devices[0]).toMatchObject({
      user: anna.user,
      device: anna.device,
      seq: 5,
      link: Buffer.from(link(5)),
    });
    expect(Math.abs((answer.devices[0]?.time ?? 0) - Date.now())).toBeLessThan(10_000);
    second.send({ type: 'ping' });
    await second.next('pong');
    const all = [
      [anna.device, 5, 5],
      [ben.device, 4, 4],
    ];
    expect(await told(third, 2)).toEqual(all);
    await expect.poll(() => relay.store.chains.attestations(conversation), { timeout: 5_000 }).toHaveLength(2);
    third.send({ type: 'attest', heads: [head(1)] });
    expect(await told(third, 3)).toEqual([...all, [tablet.device, 1, 1]]);
    await expect.poll(() => relay.store.chains.attestations(conversation), { timeout: 5_000 }).toHaveLength(3);
    expect(await told(second, 4)).toEqual([...all, [tablet.device, 1, 1]]);
  });

  it('beyond the log, or about the conversation of others, counts for nothing', async () => {
    await fill(5);
    const stranger = await synced(await addPerson(relay.store));
    const client = await synced(anna);
    stranger.send({ type: 'attest', heads: [head(5)] }, { type: 'ping' });
    await stranger.next('pong');
    client.send({ type: 'attest', heads: [head(6), head(5, 5, createId<ConversationId>())] });
    expect(await told(client, 1)).toEqual([]);
    client.send({ type: 'ping' });
    await client.next('pong');
    expect([...client.all('error'), ...stranger.all('error')]).toEqual([]);
  });

  it('is not told any more once the device’s session has ended', async () => {
    await fill(5);
    const [first, second] = [await synced(anna), await synced(ben)];
    second.send({ type: 'attest', heads: [head(5)] });
    second.send({ type: 'ping' });
    await second.next('pong');
    expect(await told(first, 1)).toHaveLength(1);
    await relay.store.devices.revoke(ben.user, [ben.device]);
    expect(await told(first, 2)).toEqual([]);
  });

  it('is kept while the disk is full, told all the same, and stored when there is room', async () => {
    await relay.stop();
    let full = true;
    await start({
      wrapStore: (store) => ({
        ...store,
        chains: {
          ...store.chains,
          attest: (words) =>
            full
              ? Promise.reject(new ParleyError('storage_full', { message: 'The disk is full.' }))
              : store.chains.attest(words),
        },
      }),
    });
    await fill(5);
    const client = await synced(anna);
    client.send({ type: 'attest', heads: [head(5)] });
    expect(await told(client, 1)).toEqual([[anna.device, 5, 5]]);
    full = false;
    await expect.poll(() => relay.store.chains.attestations(conversation), { timeout: 5_000 }).toHaveLength(1);
  });

  it('is stored at the latest when the relay stops', async () => {
    await fill(5);
    const client = await synced(anna);
    const attest = vi.spyOn(relay.store.chains, 'attest');
    client.send({ type: 'attest', heads: [head(5)] }, { type: 'ping' });
    await client.next('pong');
    await relay.hub.drain({ code: 'going_away', message: 'Bye.', retryAfterMs: 1, timeoutMs: 500 });
    expect(attest).toHaveBeenCalled();
    expect(await relay.store.chains.attestations(conversation)).toHaveLength(1);
  });

  it('about very many conversations is stored in commits of bounded size', async () => {
    const others = await Promise.all(Array.from({ length: 520 }, () => addPerson(relay.store)));
    const ids: ConversationId[] = [];
    for (const other of others) ids.push(await addConversation(relay.store, anna, other));
    const attest = vi.spyOn(relay.store.chains, 'attest');
    const client = await synced(anna);
    for (let at = 0; at < ids.length; at += limits.chainEntries) {
      client.send({ type: 'attest', heads: ids.slice(at, at + limits.chainEntries).map((id) => head(0, 1, id)) });
    }
    await expect
      .poll(() => relay.store.chains.attestations(ids.at(-1) ?? conversation), { timeout: 5_000 })
      .toHaveLength(1);
    expect(await relay.store.chains.attestations(ids[0] ?? conversation)).toHaveLength(1);
    expect(Math.max(...attest.mock.calls.map(([words]) => words.length))).toBeLessThanOrEqual(500);
  });
});
