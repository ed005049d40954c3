/** A relay whose object store is away: texts do not notice, files wait, and both go on by themselves. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { chunkFormat, createId, type ConversationId, type MessageId, type Session } from '../../../protocol/index.ts';
import { createColdHistory } from '../../../signaling-server/adapters/cold/cold-history.ts';
import { openS3Segments } from '../../../signaling-server/adapters/s3/s3-segments.ts';
import { openSqliteStore } from '../../../signaling-server/adapters/sqlite/sqlite-store.ts';
import { silentMetrics } from '../../../signaling-server/observe/silent-metrics.ts';
import { helloFrame, openPlainClient, registerAt, type PlainClient } from '../../support/plain-client.ts';
import { BlobDevice, makeBlob, openConversation } from '../../support/relay-blobs.ts';
import { message } from '../../support/relay-client.ts';
import { removeFolder, temporaryFolder } from '../../support/relay-config.ts';
import { silentLog } from '../../support/relay-core.ts';
import { hasS3Server, startS3, type S3Server } from '../../support/s3-server.ts';
import { startRelay, type TestRelay, type TestRelayOptions } from '../../support/start-relay.ts';

if (!hasS3Server) throw new Error("These tests need Debian's package python3-swift.");

let server: S3Server;
let url: string;
beforeEach(async () => {
  server = await startS3();
  url = await server.makeBucket();
}, 60_000);
afterEach(() => server.stop());

async function start(options: TestRelayOptions = {}): Promise<TestRelay> {
  const { accessKey: s3AccessKey, secretKey: s3SecretKey } = server.keys;
  const relay = await startRelay({ ...options, config: { blobs: url, s3AccessKey, s3SecretKey, ...options.config } });
  onTestFinished(() => relay.stop());
  return relay;
}

async function connect(relay: TestRelay, { token }: Session): Promise<PlainClient> {
  const client = openPlainClient(relay.address);
  onTestFinished(() => client.ws.terminate());
  client.send(helloFrame(token));
  await client.next('welcome');
  return client;
}

describe('an object store that is away', () => {
  it('holds up no text, lets files wait with words, and takes them when it is back', async () => {
    const relay = await start();
    const [anna, ben] = [await registerAt(relay.address, 'anna'), await registerAt(relay.address, 'ben')];
    const conversation = await openConversation(relay.address, anna, ben);
    const [hers, his] = [await connect(relay, anna), await connect(relay, ben)];
    const device = new BlobDevice(relay.address, anna, conversation);
    await server.kill9();
    const blob = makeBlob(2 * chunkFormat.sealedBytes);
    const begun = device.begin(blob);
    hers.send(message(conversation, 'hello'));
    expect(await hers.next('accepted')).toMatchObject({ seq: 1 });
    expect(await his.next('deliver')).toMatchObject({ messages: [{ seq: 1 }] });
    const refused = await begun;
    expect([refused.status, refused.code]).toEqual([503, 'unavailable']);
    expect(refused.json.error?.message).toMatch(/Try again/);
    await server.startAgain();
    await device.upload(blob);
    expect((await new BlobDevice(relay.address, ben, conversation).get(blob.id)).body.equals(blob.bytes)).toBe(true);
  });

  it('keeps old history from being read, not what is newer, and gives it again when it is back', async () => {
    const dataDir = await temporaryFolder();
    onTestFinished(() => removeFolder(dataDir));
    const key = createHash('sha256').update('key').digest();
    const first = await start({ dataDir });
    const [anna, ben] = [await registerAt(first.address, 'anna'), await registerAt(first.address, 'ben')];
    const conversation = await openConversation(first.address, anna, ben);
    await sendFrom(first, anna, conversation, 20);
    await first.stop();
    await moveAll(dataDir, key);
    const relay = await start({ dataDir, config: { cold: url, coldKey: key.toString('hex') } });
    const hers = await connect(relay, anna);
    await server.kill9();
    hers.send({ type: 'fetch', ref: 1, conversation, from: 20, to: 20 });
    expect(await hers.next('fetched')).toMatchObject({ ref: 1, messages: [{ seq: 20 }] });
    await server.startAgain();
    await expect.poll(() => fetchAll(hers, conversation), { timeout: 30_000 }).toHaveLength(20);
  });
});

async function sendFrom(relay: TestRelay, { account, device }: Session, conversation: ConversationId, count: number) {
  const payload = Buffer.from('old');
  const rest = { conversation, user: account.id, device, epoch: 0, kind: 'content', payload };
  const messages = Array.from({ length: count }, () => ({ ...rest, id: createId<MessageId>() }));
  await relay.store.log.append(messages, Date.now());
}

/** As a relay does it in the weeks after. */
async function moveAll(dataDir: string, key: Buffer): Promise<void> {
  const quiet = { log: silentLog, metrics: silentMetrics };
  let now = Date.now() + 30 * 86_400_000;
  const store = await openSqliteStore({ dataDir, clock: Date.now, ...quiet });
  const segments = await openS3Segments({ url, ...server.keys, clock: Date.now });
  const sizes = { leastMessages: 1, mostMessages: 100 };
  const parts = { store, segments, keys: [key] as const, coldAfterDays: 7, clock: () => now, sizes, ...quiet };
  const history = createColdHistory(parts);
  await history.pass();
  now += 3_600_000;
  await history.pass();
  expect(
    await store.log.read(await onlyConversation(store), { from: 1, to: 99, limit: 99, maxBytes: 1e6 }),
  ).toHaveLength(1);
  await segments.close();
  await store.close();
}

async function onlyConversation(store: Awaited<ReturnType<typeof openSqliteStore>>): Promise<ConversationId> {
  const [conversation] = await store.cold.conversations(null, 2);
  if (conversation === undefined) throw new Error('there is no conversation');
  return conversation;
}

let ref = 100;

async function fetchAll(client: PlainClient, conversation: ConversationId): Promise<unknown[]> {
  ref += 1;
  client.send({ type: 'fetch', ref, conversation, from: 1, to: 20 });
  const answer = await Promise.race([client.next('fetched').catch(() => null), sleep(4_000, null)]);
  return answer?.messages ?? [];
}
