/** Files and what may befall them on this computer: kills, restarts, full disks, histories that are lost. */
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { MessageView } from '../../bridge/views.ts';
import { createHeadlessClient, type HeadlessClient } from '../../main/engine/headless.ts';
import type { ConversationId, MessageId } from '../../protocol/index.ts';
import { allMessages, temporaryFolder, textOf } from '../support/engine-client.ts';
import { sendFilesAndDie } from '../support/engine-file-sender.ts';
import { grantedFile, itemsOf, readWhole, refOf, sendFiles, stagedFile } from '../support/engine-files.ts';
import { converse, eventually, online, openPerson, password, type Person } from '../support/engine-people.ts';
import { madeUpBytes } from '../support/engine-vault.ts';
import { canMakeDisks, makeSmallDisk } from '../support/small-disk.ts';
import { startRelay } from '../support/start-relay.ts';

const mebibyte = 1024 * 1024;

async function reopened(person: Person, address: string): Promise<HeadlessClient> {
  const { dataDir, username } = person;
  const client = await createHeadlessClient({ dataDir, address, username, password });
  onTestFinished(() => client.stop());
  return client;
}

/** Fetches files of any size without asking. */
async function takeAll(client: HeadlessClient): Promise<void> {
  const most = 1024 * mebibyte;
  const autoDownload = { picture: most, video: most, voice: most, audio: most, file: most };
  await client.invoke('media.set-settings', { autoDownload });
}

function withFiles(client: HeadlessClient, conversation: ConversationId, id: MessageId): Promise<MessageView> {
  return eventually(async () => {
    const found = (await allMessages(client, conversation)).filter((message) => message.id === id);
    expect(found).toHaveLength(1);
    expect(itemsOf(found[0] as MessageView).every(({ held }) => held)).toBe(true);
    return found[0] as MessageView;
  }, 60_000);
}

function stagingOf({ dataDir }: Person): string[] {
  const [account = ''] = readdirSync(join(dataDir, 'accounts'));
  const staging = join(dataDir, 'accounts', account, 'blobs', 'staging');
  return existsSync(staging) ? readdirSync(staging) : [];
}

function vaultFilesOf({ dataDir }: Person): string[] {
  return readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).filter((name) => /[0-9a-f]{64}$/.test(name));
}

test('an engine killed while it seals goes on after its restart, and the message arrives once with all its files', async () => {
  const relay = await startRelay();
  onTestFinished(() => relay.stop());
  const folder = await temporaryFolder();
  const alice = await openPerson(relay.address, 'alice');
  const bob = await openPerson(relay.address, 'bob');
  const conversation = await converse(alice, bob);
  await takeAll(bob);
  await online(alice);
  await alice.stop();
  const contents = [madeUpBytes(12 * mebibyte, 1), madeUpBytes(900_000, 2)];
  const paths = contents.map((bytes, index) => {
    const path = join(folder, `${index}.dat`);
    writeFileSync(path, bytes);
    return path;
  });
  const { dataDir } = alice;
  const id = await sendFilesAndDie({ dataDir, address: relay.address, conversation, paths });

  const again = await reopened(alice, relay.address);
  const message = await withFiles(bob, conversation, id);
  expect(itemsOf(message).map(({ name }) => name)).toEqual(['0.dat', '1.dat', 'note.txt']);
  for (const [index, bytes] of contents.entries()) {
    expect((await readWhole(bob, refOf(message, index))).equals(bytes)).toBe(true);
  }
  expect((await readWhole(bob, refOf(message, 2))).toString()).toBe('made by the page');
  await withFiles(again, conversation, id);
  expect(stagingOf(alice)).toEqual([]);
  expect(vaultFilesOf(alice)).toHaveLength(3);
}, 120_000);

test('texts pass a message whose files are being sealed, and a stop while sealing loses nothing', async () => {
  const relay = await startRelay();
  onTestFinished(() => relay.stop());
  const folder = await temporaryFolder();
  const alice = await openPerson(relay.address, 'alice');
  const bob = await openPerson(relay.address, 'bob');
  const conversation = await converse(alice, bob);
  await takeAll(bob);
  await online(alice);
  // So large that sealing it takes longer than all that is asked meanwhile.
  const size = 64 * mebibyte;
  const item = await grantedFile(alice, folder, 'film.dat', madeUpBytes(1_000));
  truncateSync(join(folder, 'film.dat'), size);
  const sent = await sendFiles(alice, conversation, [item]);
  expect(itemsOf(sent)).toMatchObject([{ held: true, transfer: { state: 'preparing', bytes: size } }]);
  expect(await alice.invoke('transfers.list')).toMatchObject([{ state: 'preparing', direction: 'out' }]);
  const early = await alice.guest.invoke('media.read', { ...refOf(sent), from: 5, length: 4 });
  expect(Buffer.from(early)).toEqual(Buffer.from(madeUpBytes(9).subarray(5)));
  await alice.invoke('transfers.cancel', refOf(sent));
  await alice.invoke('messages.send', { conversation, text: 'meanwhile' });
  await eventually(async () => expect((await allMessages(bob, conversation)).map(textOf)).toEqual(['meanwhile']));
  const [, stopped] = await allMessages(alice, conversation);
  expect(stopped).toMatchObject({ id: sent.id, state: 'failed', failure: { retryable: true } });
  await eventually(() => expect(stagingOf(alice)).toEqual([]));

  await alice.invoke('transfers.start', refOf(sent));
  await alice.stop();
  expect(stagingOf(alice)).toEqual([]);
  await reopened(alice, relay.address);
  await withFiles(bob, conversation, sent.id);
}, 120_000);

test('a history that is lost finds its files again, and what waits is sent from them', async () => {
  const relay = await startRelay();
  onTestFinished(() => relay.stop());
  const alice = await openPerson(relay.address, 'alice');
  const bob = await openPerson(relay.address, 'bob');
  const conversation = await converse(alice, bob);
  await online(alice);
  const [old, fresh] = [madeUpBytes(500_000, 1), madeUpBytes(600_000, 2)];
  const first = await sendFiles(alice, conversation, [await stagedFile(alice, 'old.dat', old)]);
  await withFiles(bob, conversation, first.id);
  await bob.stop();
  const before = vaultFilesOf(bob);
  const [account = ''] = readdirSync(join(bob.dataDir, 'accounts'));
  const file = join(bob.dataDir, 'accounts', account, 'parley.db');
  writeFileSync(file, 'no database any more '.repeat(500));
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
  const again = await reopened(bob, relay.address);
  await again.invoke('media.set-settings', { autoDownload: { picture: 0, video: 0, voice: 0, audio: 0, file: 0 } });
  const message = await withFiles(again, conversation, first.id);
  expect((await readWhole(again, refOf(message))).equals(old)).toBe(true);
  expect(vaultFilesOf(bob)).toEqual(before);

  const second = await sendFiles(again, conversation, [await stagedFile(again, 'fresh.dat', fresh)]);
  const arrived = await withFiles(alice, conversation, second.id);
  expect((await readWhole(alice, refOf(arrived))).equals(fresh)).toBe(true);
}, 120_000);

test.skipIf(!canMakeDisks)(
  'a disk that is full while sealing fails that message with words, leaves no waste, and lets texts through',
  async () => {
    const relay = await startRelay();
    onTestFinished(() => relay.stop());
    const disk = makeSmallDisk(24);
    const folder = await temporaryFolder();
    const alice = await openPerson(relay.address, 'alice', { dataDir: join(disk.dir, 'alice') });
    const bob = await openPerson(relay.address, 'bob');
    const conversation = await converse(alice, bob);
    await online(alice);
    const item = await grantedFile(alice, folder, 'film.dat', madeUpBytes(30 * mebibyte));
    const sent = await sendFiles(alice, conversation, [item]);
    const failed = await eventually(async () => {
      const [message] = await allMessages(alice, conversation);
      expect(message).toMatchObject({ id: sent.id, state: 'failed' });
      return message;
    }, 30_000);
    expect(failed?.failure).toMatchObject({ code: 'storage_failed', retryable: true });
    expect(failed?.failure?.message).toMatch(/disk is full/);
    expect(stagingOf(alice)).toEqual([]);
    await alice.invoke('messages.send', { conversation, text: 'still here' });
    await eventually(async () => expect((await allMessages(bob, conversation)).map(textOf)).toEqual(['still here']));

    const piece = madeUpBytes(mebibyte);
    const { stage } = await alice.invoke('media.stage', { bytes: piece });
    const fill = async () => {
      for (let count = 0; count < 40; count++) await alice.invoke('media.stage', { stage, bytes: piece });
    };
    await expect(fill()).rejects.toMatchObject({ code: 'storage_failed' });
    await eventually(() => expect(stagingOf(alice)).toEqual([]));
    writeFileSync(join(folder, 'film.dat'), madeUpBytes(2 * mebibyte));
    await alice.invoke('messages.retry', { conversation, message: sent.id });
    await withFiles(bob, conversation, sent.id);
  },
  120_000,
);

test.skipIf(!canMakeDisks)(
  'a disk that is full while a file comes, or is saved, keeps what came and goes on once there is room',
  async () => {
    const relay = await startRelay();
    onTestFinished(() => relay.stop());
    const disk = makeSmallDisk(48);
    const alice = await openPerson(relay.address, 'alice');
    const bob = await openPerson(relay.address, 'bob', { dataDir: join(disk.dir, 'bob') });
    const conversation = await converse(alice, bob);
    for (const person of [alice, bob]) await online(person);
    const bytes = madeUpBytes(900_000);
    const first = await sendFiles(alice, conversation, [await stagedFile(alice, 'a.dat', bytes)]);
    await withFiles(bob, conversation, first.id);
    disk.fill();
    const place = join(disk.dir, 'saved.dat');
    await expect(bob.guest.invoke('media.export', { ...refOf(first), path: place, remember: true })).rejects.toThrow(
      /not enough room/,
    );
    expect(readdirSync(disk.dir).sort()).toEqual(['bob', 'filler']);
    expect(await bob.invoke('messages.page', { conversation, anchor: { at: 'latest' } })).toMatchObject({
      hasNewer: false,
    });

    const second = await sendFiles(alice, conversation, [await stagedFile(alice, 'b.dat', bytes.toReversed())]);
    await eventually(async () => {
      const { state } = (await allMessages(alice, conversation)).at(-1) as MessageView;
      expect(state).toBe('sent');
    });
    disk.free();
    const message = await eventually(async () => {
      const found = (await allMessages(bob, conversation)).find(({ id }) => id === second.id);
      expect(found).toBeDefined();
      const [item] = itemsOf(found as MessageView);
      if (item?.transfer?.state === 'failed') await bob.invoke('transfers.start', refOf(second));
      expect(item?.held).toBe(true);
      return found as MessageView;
    }, 90_000);
    expect((await readWhole(bob, refOf(message))).equals(bytes.toReversed())).toBe(true);
    await bob.guest.invoke('media.export', { ...refOf(first), path: place, remember: true });
    expect(readFileSync(place).equals(bytes)).toBe(true);
  },
  150_000,
);
