/** Files between people: sent, fetched, shown, looked through, saved, and given back to the disk. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { createId, type ConversationId, type MessageId } from '../../../protocol/index.ts';
import { defaultMediaSettings } from '../../../bridge/media-views.ts';
import type { MessageView } from '../../../bridge/views.ts';
import type { HeadlessClient } from '../../../main/engine/headless.ts';
import { allMessages, temporaryFolder } from '../../support/engine-client.ts';
import { grantedFile, itemsOf, readWhole, refOf, sendFiles, stagedFile, tinyJpeg } from '../../support/engine-files.ts';
import { converse, eventually, online, openPerson, record, type Person } from '../../support/engine-people.ts';
import { madeUpBytes } from '../../support/engine-vault.ts';
import { startRelay, type TestRelay } from '../../support/start-relay.ts';

let relay: TestRelay;
let alice: Person;
let bob: Person;
let conversation: ConversationId;
let folder: string;

beforeEach(async () => {
  relay = await startRelay();
  onTestFinished(() => relay.stop());
  folder = await temporaryFolder();
  alice = await openPerson(relay.address, 'alice');
  bob = await openPerson(relay.address, 'bob');
  conversation = await converse(alice, bob);
  for (const person of [alice, bob]) await online(person);
});

const newest = async (person: HeadlessClient): Promise<MessageView> => {
  const message = (await allMessages(person, conversation)).at(-1);
  if (!message) throw new Error('There is no message yet.');
  return message;
};

/** The newest message once all its files are here. */
const newestHeld = (person: HeadlessClient, id: MessageId): Promise<MessageView> =>
  eventually(async () => {
    const message = await newest(person);
    expect(message.id).toBe(id);
    expect(itemsOf(message).map(({ held }) => held)).toEqual(itemsOf(message).map(() => true));
    return message;
  });

function vaultFiles(person: Person): string[] {
  const [account = ''] = readdirSync(join(person.dataDir, 'accounts'));
  const blobs = join(person.dataDir, 'accounts', account, 'blobs');
  return readdirSync(blobs, { recursive: true, encoding: 'utf8' }).filter((name) => /[0-9a-f]{64}$/.test(name));
}

test('an album with a caption arrives with its facts, and its bytes are those that were sent', async () => {
  const [one, two] = [madeUpBytes(700_000, 1), madeUpBytes(300_001, 2)];
  const arrived: { text: string }[] = [];
  bob.guest.on('message.arrived', (event) => arrived.push(event));
  const sent = await sendFiles(
    alice,
    conversation,
    [
      await grantedFile(alice, folder, 'beach.jpg', one, {
        kind: 'picture',
        type: 'image/jpeg',
        width: 4,
        height: 3,
        thumbnail: tinyJpeg,
      }),
      await stagedFile(alice, 'sea.webp', two, { kind: 'picture', type: 'image/webp', thumbnail: new Uint8Array(20) }),
    ],
    'Our holiday',
  );
  expect(sent).toMatchObject({ state: 'queued', content: { kind: 'media', text: 'Our holiday' } });
  const message = await newestHeld(bob, sent.id);
  expect(message.content).toMatchObject({ kind: 'media', text: 'Our holiday' });
  expect(itemsOf(message)).toMatchObject([
    { name: 'beach.jpg', kind: 'picture', type: 'image/jpeg', bytes: 700_000, width: 4, height: 3, dangerous: false },
    { name: 'sea.webp', kind: 'picture', bytes: 300_001, width: null, thumbnail: null },
  ]);
  expect(itemsOf(message)[0]?.thumbnail).toBe(`data:image/jpeg;base64,${Buffer.from(tinyJpeg).toString('base64')}`);
  expect((await readWhole(bob, refOf(message, 0))).equals(one)).toBe(true);
  expect((await readWhole(bob, refOf(message, 1))).equals(two)).toBe(true);
  expect((await readWhole(alice, refOf(message, 1))).equals(two)).toBe(true);
  expect(arrived.map(({ text }) => text)).toEqual(['2 photos: Our holiday']);
  expect(await bob.invoke('conversations.get', { conversation })).toMatchObject({
    preview: { kind: 'media', text: 'Our holiday', media: { kind: 'picture', count: 2, name: 'beach.jpg' } },
  });
  expect(await bob.invoke('messages.search', { query: 'holiday' })).toMatchObject([{ message: { id: sent.id } }]);
  expect(itemsOf(await newest(alice)).map(({ held }) => held)).toEqual([true, true]);

  await bob.invoke('messages.send', { conversation, text: 'lovely', replyTo: sent.id });
  await eventually(async () =>
    expect((await newest(alice)).content).toMatchObject({
      replyTo: { id: sent.id, excerpt: 'Our holiday', media: { kind: 'picture', count: 2 } },
    }),
  );
});

test('nothing of a file lies open on any disk', async () => {
  const secret = Buffer.from('the words that nobody may find on a disk '.repeat(500));
  const sent = await sendFiles(alice, conversation, [await stagedFile(alice, 'secret.txt', secret)]);
  await newestHeld(bob, sent.id);
  const isOpen = (root: string) =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .some((entry) => readFileSync(join(entry.parentPath, entry.name)).includes('nobody may find'));
  expect(isOpen(alice.dataDir)).toBe(false);
  expect(isOpen(bob.dataDir)).toBe(false);
});

test('what the rules do not fetch waits until it is asked for, and is fetched for whoever reads it', async () => {
  await bob.invoke('media.set-settings', {
    autoDownload: { ...defaultMediaSettings.autoDownload, file: 1_000, picture: 0 },
  });
  const bytes = madeUpBytes(400_000);
  const items = [
    await stagedFile(alice, 'small.bin', madeUpBytes(1_000)),
    await stagedFile(alice, 'large.bin', bytes),
    await stagedFile(alice, 'photo.jpg', madeUpBytes(10), { kind: 'picture', type: 'image/jpeg' }),
  ];
  const sent = await sendFiles(alice, conversation, items);
  await eventually(async () => expect(itemsOf(await newest(bob))[0]?.held).toBe(true));
  const message = await newest(bob);
  expect(itemsOf(message).map(({ held }) => held)).toEqual([true, false, false]);
  expect(itemsOf(message)[1]?.transfer).toBeNull();
  await bob.invoke('media.seen', { conversation, messages: [message.id] });
  expect((await bob.invoke('transfers.list')).filter(({ state }) => state !== 'done')).toEqual([]);

  const piece = await bob.guest.invoke('media.read', { ...refOf(message, 1), from: 300_000, length: 50 });
  expect(Buffer.from(piece).equals(Buffer.from(bytes.subarray(300_000, 300_050)))).toBe(true);
  await bob.invoke('media.set-settings', { autoDownload: defaultMediaSettings.autoDownload });
  await bob.invoke('media.seen', { conversation, messages: [message.id, createId<MessageId>()] });
  await newestHeld(bob, sent.id);
});

test('the gallery shows the files of a conversation by kind, finds them by name and caption, and pages on', async () => {
  const picture = { kind: 'picture' as const, type: 'image/png' };
  const name = (index: number) => `Façade ${index}.png`;
  const album = await Promise.all(
    [1, 2, 3].map((index) => stagedFile(alice, name(index), madeUpBytes(index), picture)),
  );
  await sendFiles(alice, conversation, album, 'in Lyon');
  await sendFiles(alice, conversation, [await stagedFile(alice, 'report.pdf', madeUpBytes(9))], 'for the façade');
  const voice = { kind: 'voice' as const, type: 'audio/webm', durationMs: 42_000, waveform: new Uint8Array([0, 255]) };
  const last = await sendFiles(alice, conversation, [await stagedFile(alice, 'voice.webm', madeUpBytes(9), voice)]);
  await newestHeld(bob, last.id);
  const names = async (input: {
    filter: 'pictures' | 'voice' | 'files';
    query?: string;
    before?: number;
    limit?: number;
  }) => (await bob.invoke('media.list', { conversation, ...input })).map(({ media }) => media.name);
  expect(await names({ filter: 'pictures' })).toEqual([name(1), name(2), name(3)]);
  expect(await names({ filter: 'files' })).toEqual(['report.pdf']);
  expect(await bob.invoke('media.list', { conversation, filter: 'voice' })).toMatchObject([
    { media: { durationMs: 42_000, waveform: [0, 1], held: true }, own: false, sender: { username: 'alice' } },
  ]);
  const [first] = await bob.invoke('media.list', { conversation, filter: 'pictures', limit: 1 });
  expect(await names({ filter: 'pictures', before: first?.place ?? 0, limit: 1 })).toEqual([name(2)]);
  expect(await names({ filter: 'pictures', query: 'facade 3' })).toEqual([name(3)]);
  expect(await names({ filter: 'pictures', query: 'LYON' })).toHaveLength(3);
  expect(await names({ filter: 'files', query: 'FACADE' })).toEqual(['report.pdf']);
  expect(await names({ filter: 'files', query: 'nowhere' })).toEqual([]);
});

test('a file is saved whole under its new name, and where it was saved is remembered', async () => {
  const bytes = madeUpBytes(1_500_000);
  const sent = await sendFiles(alice, conversation, [await stagedFile(alice, 'film.bin', bytes)]);
  await newestHeld(bob, sent.id);
  const place = await temporaryFolder();
  const ref = refOf(sent);
  await bob.guest.invoke('media.export', { ...ref, path: join(place, 'film.bin'), remember: true });
  expect(readFileSync(join(place, 'film.bin')).equals(bytes)).toBe(true);
  expect(readdirSync(place)).toEqual(['film.bin']);
  expect(await bob.guest.invoke('media.describe', ref)).toMatchObject({ savedAs: join(place, 'film.bin'), held: true });
  await expect(
    bob.guest.invoke('media.export', { ...ref, path: join(place, 'nowhere', 'film.bin'), remember: true }),
  ).rejects.toMatchObject({ code: 'storage_failed' });
  await expect(bob.guest.invoke('media.describe', { ...ref, item: 5 })).rejects.toMatchObject({ code: 'not_found' });
});

test('the host hears when files begin to travel and when none does any more', async () => {
  const moving: boolean[] = [];
  alice.guest.on('transfers.moving', (told) => moving.push(told.moving));
  const sent = await sendFiles(alice, conversation, [await stagedFile(alice, 'film.bin', madeUpBytes(700_000))]);
  await newestHeld(bob, sent.id);
  await eventually(() => expect(moving.at(-1)).toBe(false));
  expect(moving).toContain(true);
});

test('freeing space keeps messages, thumbnails and what nobody else has, and what was freed can be had again', async () => {
  const bytes = madeUpBytes(300_000);
  const picture = { kind: 'picture' as const, type: 'image/jpeg', thumbnail: tinyJpeg };
  const sent = await sendFiles(alice, conversation, [await stagedFile(alice, 'a.jpg', bytes, picture)]);
  await newestHeld(bob, sent.id);
  const usage = await bob.invoke('storage.usage');
  expect(usage.conversations).toMatchObject([{ conversation, title: 'Alice', files: 1 }]);
  expect(usage.totalBytes).toBeGreaterThan(300_000);
  expect(usage.freeBytes).toBeGreaterThan(0);
  expect(await bob.invoke('storage.free', { conversation })).toEqual({ files: 1, bytes: usage.totalBytes });
  expect(vaultFiles(bob)).toEqual([]);
  expect(await bob.invoke('storage.usage')).toMatchObject({ totalBytes: 0, conversations: [] });
  const message = await newest(bob);
  expect(itemsOf(message)).toMatchObject([{ held: false, thumbnail: expect.stringContaining('data:image/jpeg') }]);
  expect(itemsOf(message)[0]?.transfer?.state).toBe('cancelled');
  await bob.invoke('media.seen', { conversation, messages: [message.id] });
  await bob.invoke('transfers.start', refOf(message));
  await newestHeld(bob, sent.id);
  expect((await readWhole(bob, refOf(message))).equals(bytes)).toBe(true);

  await relay.stop();
  await sendFiles(alice, conversation, [await stagedFile(alice, 'only-here.bin', madeUpBytes(5_000))]);
  const before = vaultFiles(alice);
  await alice.invoke('storage.free', { conversation: null });
  expect(before).toHaveLength(2);
  expect(vaultFiles(alice)).toHaveLength(1);
  expect((await readWhole(alice, refOf(await newest(alice)))).byteLength).toBe(5_000);
});

test('a source that went away fails the message with words, texts pass it, and it can be sent again or taken back', async () => {
  const path = join(folder, 'report.bin');
  const item = await grantedFile(alice, folder, 'report.bin', madeUpBytes(10));
  const changes = record(alice, 'messages.changed');
  rmSync(path);
  await expect(sendFiles(alice, conversation, [item])).rejects.toMatchObject({ code: 'file_unreadable' });
  writeFileSync(path, madeUpBytes(3_000_000));
  const sending = sendFiles(alice, conversation, [await stagedFile(alice, 'a.bin', madeUpBytes(9)), item]);
  const sent = await sending;
  rmSync(path);
  await alice.invoke('messages.send', { conversation, text: 'meanwhile' });
  await eventually(() =>
    expect(
      changes
        .flatMap(({ messages }) => messages)
        .filter(({ id }) => id === sent.id)
        .at(-1),
    ).toMatchObject({
      state: 'failed',
      failure: { retryable: true },
    }),
  );
  await eventually(async () => expect((await newest(bob)).content).toMatchObject({ kind: 'text', text: 'meanwhile' }));
  writeFileSync(path, madeUpBytes(3_000_000));
  await expect(
    alice.invoke('messages.retry', { conversation: createId<ConversationId>(), message: sent.id }),
  ).rejects.toMatchObject({ code: 'not_found' });
  await alice.invoke('messages.retry', { conversation, message: sent.id });
  await newestHeld(bob, sent.id);

  await relay.stop();
  const mistake = await sendFiles(alice, conversation, [await stagedFile(alice, 'mistake.bin', madeUpBytes(50))]);
  const held = vaultFiles(alice).length;
  await alice.invoke('messages.discard', { conversation, message: mistake.id });
  expect(vaultFiles(alice)).toHaveLength(held - 1);
});

test('messages that would not fit are refused before anything is kept', async () => {
  const thumbnail = new Uint8Array(12 * 1024);
  const many = await Promise.all(
    Array.from({ length: 7 }, (_, index) => stagedFile(alice, `${index}.jpg`, madeUpBytes(1), { thumbnail })),
  );
  await expect(sendFiles(alice, conversation, many)).rejects.toMatchObject({ code: 'bad_request' });
  await expect(sendFiles(alice, conversation, many.slice(0, 6), '字'.repeat(16_000))).rejects.toMatchObject({
    code: 'bad_request',
  });
  await expect(alice.invoke('media.stage', { stage: 'unknown', bytes: tinyJpeg })).rejects.toMatchObject({
    code: 'bad_request',
  });
  expect(await allMessages(alice, conversation)).toEqual([]);
  const stages = many.flatMap(({ source }) => (source.from === 'stage' ? [source.stage] : []));
  await alice.invoke('media.unstage', { stages });
  expect(vaultFiles(alice)).toEqual([]);
});

test('a file that is not there, a folder and a relative path are not granted', async () => {
  const paths = [join(folder, 'nothing'), folder, 'package.json'];
  expect(await alice.guest.invoke('files.grant', { paths })).toEqual([null, null, null]);
});

test('logging out with erase takes the files along', async () => {
  const sent = await sendFiles(alice, conversation, [await stagedFile(alice, 'a.bin', madeUpBytes(10))]);
  await newestHeld(bob, sent.id);
  await bob.invoke('session.logout', { erase: true });
  expect(readdirSync(join(bob.dataDir, 'accounts'))).toEqual([]);
});

test('the limits come from the relay, and are not known without it', async () => {
  const limits = await alice.invoke('media.limits', { conversation });
  expect(limits.relayBytes).toBeGreaterThan(1_000_000);
  expect(limits).toMatchObject({ direct: false, fileBytes: 64 * 1024 ** 3 });
  await relay.stop();
  await eventually(async () =>
    expect(await alice.invoke('media.limits', { conversation })).toMatchObject({
      relayBytes: null,
      othersOnline: false,
    }),
  );
});

test('what the log-out of a person overtakes is answered in words, as not done', async () => {
  const item = await stagedFile(alice, 'a.bin', madeUpBytes(5_000));
  const sending = sendFiles(alice, conversation, [item]).catch((error: unknown) => error);
  await alice.invoke('session.logout', { erase: false });
  const outcome = await sending;
  if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'unavailable' });
  else expect(outcome).toMatchObject({ conversation });
});
