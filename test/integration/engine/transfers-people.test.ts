/** Whole engines at a real relay, with the connections between their peer pages in the test's hands. */
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { MediaRef, TransferView } from '../../../bridge/media-views.ts';
import type { HostServices } from '../../../main/engine/options.ts';
import { createSecretFile } from '../../../main/engine/storage/secret-file.ts';
import type { ConversationId } from '../../../protocol/index.ts';
import { temporaryFolder } from '../../support/engine-client.ts';
import { grantedFile, readWhole, refOf, sendFiles } from '../../support/engine-files.ts';
import { converse, eventually, online, openPerson, record, texts, type Person } from '../../support/engine-people.ts';
import { madeUpBytes } from '../../support/engine-vault.ts';
import { PeerNetwork, type LinkedPage } from '../../support/linked-peers.ts';
import { startRelay, type TestRelay, type TestRelayOptions } from '../../support/start-relay.ts';

const mebibyte = 1024 * 1024;
let network: PeerNetwork;
let folder: string;

interface Peer extends Person {
  readonly page: LinkedPage;
}

beforeEach(async () => {
  network = new PeerNetwork();
  folder = await temporaryFolder();
});

async function begin(config: TestRelayOptions['config'] = {}): Promise<TestRelay> {
  const relay = await startRelay({ config });
  onTestFinished(() => relay.stop());
  return relay;
}

async function openPeer(relay: TestRelay, name: string, device = name, dataDir?: string): Promise<Peer> {
  const page = network.page(device);
  const own = dataDir ?? (await temporaryFolder());
  const host: HostServices = { secrets: createSecretFile(join(own, 'session.token')), peers: page };
  const person = await openPerson(relay.address, name, {
    dataDir: own,
    host,
    known: device !== name || dataDir !== undefined,
  });
  await online(person);
  return { ...person, page };
}

async function transferOf(client: Person, ref: MediaRef): Promise<TransferView | undefined> {
  const all = await client.invoke('transfers.list');
  return all.find((view) => view.ref.message === ref.message && view.ref.item === ref.item);
}

const reaches = (client: Person, ref: MediaRef, state: TransferView['state']): Promise<TransferView> =>
  eventually(async () => {
    const view = await transferOf(client, ref);
    if (view?.state !== state) throw new Error(`The transfer is ${view?.state ?? 'not there'}.`);
    return view;
  }, 30_000);

/** Sends a file; the other one asks for it whatever the rules say. */
async function sendTo(
  from: Person,
  to: Person,
  conversation: ConversationId,
  bytes: Buffer | Uint8Array,
): Promise<MediaRef> {
  const message = await sendFiles(from, conversation, [await grantedFile(from, folder, 'film.bin', bytes)]);
  const ref = refOf(message);
  await eventually(() => to.invoke('transfers.start', ref));
  return ref;
}

test('a film goes from engine to engine, the relay stores nothing of it, and texts pass it by', async () => {
  const relay = await begin();
  const [ann, ben] = [await openPeer(relay, 'ann'), await openPeer(relay, 'ben')];
  const conversation = await converse(ann, ben);
  // Long enough under way for its speed to be told.
  const film = madeUpBytes(128 * mebibyte, 3);
  const moved = record(ben, 'transfers.changed');
  const given = record(ann, 'transfers.changed');
  const ref = await sendTo(ann, ben, conversation, film);
  for (let count = 0; count < 20; count++) {
    await ann.invoke('messages.send', { conversation, text: `while it goes ${count}` });
  }
  await reaches(ben, ref, 'done');
  await reaches(ann, ref, 'done');
  expect((await readWhole(ben, ref)).equals(film)).toBe(true);
  await eventually(async () => expect(await texts(ben, conversation)).toContain('while it goes 19'));
  expect(network.made).toHaveLength(1);
  expect(network.count('chunk')).toBe(512);
  expect(moved.flat().some(({ path, bytesPerSecond }) => path === 'direct' && bytesPerSecond !== null)).toBe(true);
  expect([...moved, ...given].flat().filter(({ path }) => path === 'relay')).toEqual([]);
});

test('a receiver that was closed in the middle goes on after it is opened again', async () => {
  const relay = await begin();
  const [ann, ben] = [await openPeer(relay, 'ann'), await openPeer(relay, 'ben')];
  const conversation = await converse(ann, ben);
  const film = madeUpBytes(16 * mebibyte, 4);
  let chunks = 0;
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  network.tap = async (frame, head) => {
    if (head?.type === 'chunk' && ++chunks > 20) await held;
    return frame;
  };
  const ref = await sendTo(ann, ben, conversation, film);
  await eventually(async () => expect((await transferOf(ben, ref))?.done).toBeGreaterThan(4 * mebibyte));
  await ben.stop();
  ben.page.crash();
  network.tap = (frame) => frame;
  release();
  const again = await openPeer(relay, 'ben', 'ben', ben.dataDir);
  await reaches(again, ref, 'done');
  expect((await readWhole(again, ref)).equals(film)).toBe(true);
  expect(network.count('chunk')).toBe(64);
});

test('without a direct way a large file goes by the relay, for whoever comes online later as well', async () => {
  const relay = await begin();
  const [ann, ben] = [await openPeer(relay, 'ann'), await openPeer(relay, 'ben')];
  const conversation = await converse(ann, ben);
  await ann.invoke('media.set-settings', { path: 'relay' });
  await ben.stop();
  const film = madeUpBytes(9 * mebibyte, 5);
  const message = await sendFiles(ann, conversation, [await grantedFile(ann, folder, 'film.bin', film)]);
  await reaches(ann, refOf(message), 'done');
  await ann.stop();
  const again = await openPeer(relay, 'ben', 'ben', ben.dataDir);
  await eventually(() => again.invoke('transfers.start', refOf(message)));
  await reaches(again, refOf(message), 'done');
  expect((await readWhole(again, refOf(message))).equals(film)).toBe(true);
  expect(network.made).toEqual([]);
});

test('a full quota is told with its reason, and the file goes direct all the same', async () => {
  const relay = await begin({ userQuotaBytes: 2 * mebibyte });
  const [ann, ben] = [await openPeer(relay, 'ann'), await openPeer(relay, 'ben')];
  const conversation = await converse(ann, ben);
  await ben.stop();
  const film = madeUpBytes(4 * mebibyte, 6);
  const message = await sendFiles(ann, conversation, [await grantedFile(ann, folder, 'film.bin', film)]);
  // It waits for Ben first, and hears from the relay a moment later.
  const waiting = await eventually(async () => {
    const view = await transferOf(ann, refOf(message));
    expect(view).toMatchObject({ state: 'waiting', fault: { code: 'quota_exceeded' } });
    return view;
  });
  expect(waiting?.waitingFor.map(({ id }) => id)).toEqual([ben.id]);
  const again = await openPeer(relay, 'ben', 'ben', ben.dataDir);
  await reaches(again, refOf(message), 'done');
  await reaches(ann, refOf(message), 'done');
  expect((await readWhole(again, refOf(message))).equals(film)).toBe(true);
});

test('an upload goes on after the relay was away', async () => {
  const dataDir = await temporaryFolder();
  const first = await startRelay({ dataDir });
  const ann = await openPeer(first, 'ann');
  const ben = await openPeer(first, 'ben');
  const conversation = await converse(ann, ben);
  await ann.invoke('media.set-settings', { path: 'relay' });
  const film = madeUpBytes(40 * mebibyte, 7);
  const message = await sendFiles(ann, conversation, [await grantedFile(ann, folder, 'film.bin', film)]);
  await eventually(async () => expect((await transferOf(ann, refOf(message)))?.done ?? 0).toBeGreaterThan(mebibyte));
  await first.stop();
  const relay = await startRelay({ dataDir, port: first.port });
  onTestFinished(() => relay.stop());
  await online(ann);
  await reaches(ann, refOf(message), 'done');
  await eventually(() => ben.invoke('transfers.start', refOf(message)));
  await reaches(ben, refOf(message), 'done');
  expect((await readWhole(ben, refOf(message))).equals(film)).toBe(true);
});
