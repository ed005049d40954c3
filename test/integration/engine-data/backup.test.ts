/** An encrypted backup: made, restored on a fresh computer, and refused when it is not what it should be. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { openHeadlessEngine } from '../../../main/engine/headless.ts';
import type { HeadlessClient } from '../../../main/engine/headless.ts';
import type { ConversationId } from '../../../protocol/index.ts';
import { temporaryFolder } from '../../support/engine-client.ts';
import { itemsOf, readWhole, refOf, sendFiles, stagedFile } from '../../support/engine-files.ts';
import { allMessages } from '../../support/engine-client.ts';
import { accountFolderOf, jobOver, namesIn, runJob } from '../../support/engine-data.ts';
import { converse, eventually, online, openPerson, password, texts, type Person } from '../../support/engine-people.ts';
import { madeUpBytes } from '../../support/engine-vault.ts';
import { startRelay, type TestRelay } from '../../support/start-relay.ts';

const passphrase = 'a long walk on the beach';

let relay: TestRelay;
let relayDir: string;
let alice: Person;
let bob: Person;
let conversation: ConversationId;
let place: string;
let file: string;

beforeEach(async () => {
  relayDir = await temporaryFolder();
  relay = await startRelay({ dataDir: relayDir });
  onTestFinished(() => relay.stop());
  place = await temporaryFolder();
  file = join(place, 'alice.parley-backup');
  alice = await openPerson(relay.address, 'alice');
  bob = await openPerson(relay.address, 'bob');
  conversation = await converse(alice, bob);
  for (const person of [alice, bob]) await online(person);
});

const say = (person: HeadlessClient, text: string) => person.invoke('messages.send', { conversation, text });
const saidBy = (person: HeadlessClient, expected: string[]) =>
  eventually(async () => expect(await texts(person, conversation)).toEqual(expected));

async function openFresh(): Promise<HeadlessClient & { dataDir: string }> {
  const dataDir = await temporaryFolder();
  const client = await openHeadlessEngine({ dataDir });
  onTestFinished(() => client.stop());
  return { ...client, dataDir };
}

const logIn = (client: HeadlessClient) =>
  client.invoke('session.login', { address: relay.address, username: 'alice', password });

test('a history with its files, drafts and waiting messages goes on on a fresh computer', async () => {
  const bytes = madeUpBytes(700_000, 3);
  await sendFiles(alice, conversation, [await stagedFile(alice, 'beach.bin', bytes)], 'look');
  await say(bob, 'nice');
  await eventually(async () => expect(await allMessages(alice, conversation)).toHaveLength(2));
  await alice.invoke('drafts.set', { conversation, text: 'not yet' });
  const made = await runJob(alice, 'data.backup', { file, passphrase });
  expect(made).toMatchObject({ job: 'backup', state: 'done', failure: null });
  expect(made.result).toEqual({ messages: 2, files: 1, missingFiles: 0, leftOut: 0 });
  expect(namesIn(place)).toEqual(['alice.parley-backup']);
  expect(statSync(file).mode & 0o077).toBe(0);
  await alice.stop();
  await say(bob, 'while away');

  const fresh = await openFresh();
  const restored = await runJob(fresh, 'data.restore', { file, passphrase });
  expect(restored).toMatchObject({ job: 'restore', state: 'done', result: { messages: 2, files: 1 } });
  expect(await fresh.invoke('session.get')).toMatchObject({ state: 'signed-out', username: 'alice' });
  await logIn(fresh);
  await eventually(async () => expect(await allMessages(fresh, conversation)).toHaveLength(3));
  const [first] = await allMessages(fresh, conversation);
  if (!first) throw new Error('The first message is not there.');
  expect(itemsOf(first)).toMatchObject([{ name: 'beach.bin', held: true }]);
  expect((await readWhole(fresh, refOf(first))).equals(bytes)).toBe(true);
  expect(await fresh.invoke('conversations.get', { conversation })).toMatchObject({ draft: 'not yet' });
  await say(fresh, 'back again');
  await eventually(async () => expect((await texts(bob, conversation)).at(-1)).toBe('back again'));
});

test('what waited in a backup is sent after it was restored, but once only if it had been sent since', async () => {
  await say(alice, 'first');
  await saidBy(bob, ['first']);
  await eventually(async () => expect((await allMessages(alice, conversation))[0]?.seq).toBe(1));
  await relay.stop();
  await say(alice, 'sent since');
  await say(alice, 'discarded there, kept here');
  expect((await runJob(alice, 'data.backup', { file, passphrase })).state).toBe('done');
  const [, , last] = await allMessages(alice, conversation);
  if (!last) throw new Error('The last message does not wait.');
  await alice.invoke('messages.discard', { conversation, message: last.id });
  relay = await startRelay({ dataDir: relayDir, port: Number(new URL(relay.address).port) });
  await saidBy(bob, ['first', 'sent since']);
  await alice.stop();

  const fresh = await openFresh();
  await runJob(fresh, 'data.restore', { file, passphrase });
  expect(await fresh.invoke('session.get')).toMatchObject({ state: 'signed-out', waiting: 2 });
  await logIn(fresh);
  const all = ['first', 'sent since', 'discarded there, kept here'];
  await saidBy(bob, all);
  await saidBy(fresh, all);
  const log = await relay.store.log.read(conversation, { from: 1, to: 10, limit: 10, maxBytes: 1_000_000 });
  expect(log.map(({ device }) => device === alice.device)).toEqual([true, true, false]);
  const status = await eventually(async () => {
    const found = await fresh.invoke('sync.status', { conversation });
    expect(found.state).toBe('same');
    return found;
  });
  expect(status).toMatchObject({ seq: 3, head: 3, repair: null });
});

test('a restore never overwrites a history, and needs nobody to be logged in', async () => {
  await say(alice, 'old');
  await eventually(async () => expect((await allMessages(alice, conversation))[0]?.seq).toBe(1));
  await runJob(alice, 'data.backup', { file, passphrase });
  await say(alice, 'newer');
  await expect(alice.guest.invoke('data.restore', { file, passphrase })).rejects.toMatchObject({ code: 'bad_request' });
  await alice.invoke('session.logout', { erase: false });
  const refused = await runJob(alice, 'data.restore', { file, passphrase });
  expect(refused).toMatchObject({ state: 'failed', failure: { code: 'bad_request' } });
  expect(refused.failure?.message).toMatch(/never overwrites/);
  await logIn(alice);
  await saidBy(alice, ['old', 'newer']);
  await alice.invoke('session.logout', { erase: true });
  expect((await runJob(alice, 'data.restore', { file, passphrase })).state).toBe('done');
});

test('a wrong passphrase, a cut file, a damaged one and something else are told apart, and leave nothing', async () => {
  await say(alice, 'something');
  await runJob(alice, 'data.backup', { file, passphrase });
  const whole = readFileSync(file);
  const fresh = await openFresh();
  const refuse = async (bytes: Uint8Array, words: RegExp, tried = passphrase) => {
    const broken = join(place, 'broken');
    writeFileSync(broken, bytes);
    const job = await runJob(fresh, 'data.restore', { file: broken, passphrase: tried });
    expect(job.state).toBe('failed');
    expect(job.failure?.message).toMatch(words);
    expect(namesIn(fresh.dataDir).filter((name) => /accounts|part|unfinished/.test(name))).toEqual([]);
  };
  await refuse(whole, /not the passphrase/, 'a long walk on the peach');
  await refuse(whole.subarray(0, whole.byteLength - 1), /not complete/);
  await refuse(whole.subarray(0, whole.byteLength - (256 * 1024 + 16)), /not complete/);
  await refuse(Buffer.alloc(10_000, 7), /no backup/);
  for (const at of [70, 5_000, whole.byteLength - 1]) {
    const flipped = Buffer.from(whole);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    await refuse(flipped, /damaged/);
  }
  expect((await runJob(fresh, 'data.restore', { file, passphrase })).state).toBe('done');
});

test('a backup that is cancelled leaves what was there before, and nothing else', async () => {
  await sendFiles(alice, conversation, [await stagedFile(alice, 'large.bin', madeUpBytes(3_000_000))]);
  await runJob(alice, 'data.backup', { file, passphrase });
  const before = readFileSync(file);
  const over = jobOver(alice);
  await alice.guest.invoke('data.backup', { file, passphrase });
  await expect(alice.guest.invoke('data.backup', { file, passphrase })).rejects.toMatchObject({ code: 'unavailable' });
  await alice.invoke('data.cancel');
  expect((await over).state).toBe('cancelled');
  expect(await alice.invoke('data.job')).toMatchObject({ state: 'cancelled', result: null });
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(namesIn(place)).toEqual(['alice.parley-backup']);
  expect(namesIn(alice.dataDir).filter((name) => /part|unfinished/.test(name))).toEqual([]);
});

test('logging out in the middle ends a backup and says so', async () => {
  const over = jobOver(alice);
  await alice.guest.invoke('data.backup', { file, passphrase });
  await alice.invoke('session.logout', { erase: true });
  expect(await over).toMatchObject({ state: 'failed', failure: { message: expect.stringMatching(/logged out/) } });
  expect(namesIn(place)).toEqual([]);
});

test('no word of a history can be read in its backup, nor the token of the session', async () => {
  const word = 'the words that nobody may find';
  for (let count = 0; count < 5; count++) await say(alice, word);
  await eventually(async () => expect(await allMessages(alice, conversation)).toHaveLength(5));
  await runJob(alice, 'data.backup', { file, passphrase });
  expect(readFileSync(file).includes(Buffer.from(word))).toBe(false);
  const token = readFileSync(join(alice.dataDir, 'session.token'));
  const fresh = await openFresh();
  await runJob(fresh, 'data.restore', { file, passphrase });
  const history = readFileSync(join(accountFolderOf(fresh.dataDir), 'parley.db'));
  expect(history.includes(Buffer.from(word))).toBe(true);
  expect(history.includes(token)).toBe(false);
});
