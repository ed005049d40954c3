/** Edits, deletions and reactions between people and their devices, through a real relay. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { MessageView } from '../../../bridge/views.ts';
import type { ConversationId, MessageId } from '../../../protocol/index.ts';
import { allMessages, temporaryFolder } from '../../support/engine-client.ts';
import { grantedFile, itemsOf, sendFiles } from '../../support/engine-files.ts';
import { converse, eventually, online, openPerson, record, type Person } from '../../support/engine-people.ts';
import { madeUpBytes } from '../../support/engine-vault.ts';
import { startRelay, type TestRelay } from '../../support/start-relay.ts';

let relay: TestRelay;
let desk: Person;
let phone: Person;
let bob: Person;
let conversation: ConversationId;

beforeEach(async () => {
  const dataDir = await temporaryFolder();
  relay = await startRelay({ dataDir });
  onTestFinished(() => relay.stop());
  desk = await openPerson(relay.address, 'alice');
  phone = await openPerson(relay.address, 'alice', { known: true });
  bob = await openPerson(relay.address, 'bob');
  conversation = await converse(desk, bob);
  for (const person of [desk, phone, bob]) await online(person);
});

async function say(person: Person, text: string, replyTo?: MessageId): Promise<MessageId> {
  const { id } = await person.invoke('messages.send', { conversation, text, ...(replyTo ? { replyTo } : {}) });
  await eventually(async () => {
    for (const each of [desk, phone, bob]) expect((await find(each, id)).seq).not.toBeNull();
  });
  return id;
}

async function find(person: Person, id: MessageId): Promise<MessageView> {
  const message = (await allMessages(person, conversation)).find((each) => each.id === id);
  if (!message) throw new Error('The message is not here.');
  return message;
}

const textOf = ({ content }: MessageView) =>
  content.kind === 'text' || content.kind === 'media' ? content.text : `(${content.kind})`;

/** What everybody must see alike: not whose message it is, or how far it got. */
const looks = (message: MessageView) => ({
  id: message.id,
  seq: message.seq,
  text: textOf(message),
  edited: message.edited,
  editedAt: message.editedAt,
  reactions: message.reactions.map(({ emoji, people }) => [emoji, ...people.map(({ username }) => username)]),
  change: message.change,
});

async function allAgree(check: (message: MessageView) => void, id: MessageId, people = [desk, phone, bob]) {
  await eventually(async () => {
    for (const person of people) check(await find(person, id));
    const [first, ...rest] = await Promise.all(
      people.map(async (person) => (await allMessages(person, conversation)).map(looks)),
    );
    for (const other of rest) expect(other).toEqual(first);
    expect(first?.every(({ change }) => change === null)).toBe(true);
  });
}

test('what one device changes, all devices of both people show the same', async () => {
  const id = await say(desk, 'Lunch at noon?');
  const edited = await phone.invoke('messages.edit', { conversation, message: id, text: 'Lunch at one?' });
  expect(edited).toMatchObject({ edited: true, editedAt: null, change: { kind: 'edit', failure: null } });
  expect(textOf(edited)).toBe('Lunch at one?');
  await allAgree((message) => expect(looks(message)).toMatchObject({ text: 'Lunch at one?', edited: true }), id);
  expect((await find(bob, id)).editedAt).toBeGreaterThan(0);

  await bob.invoke('messages.react', { conversation, message: id, emoji: '👍', on: true });
  await desk.invoke('messages.react', { conversation, message: id, emoji: '👍', on: true });
  await phone.invoke('messages.react', { conversation, message: id, emoji: '🎉', on: true });
  await allAgree(({ reactions }) => {
    expect(reactions.map(({ emoji, count }) => `${emoji} ${count}`).sort()).toEqual(['🎉 1', '👍 2']);
  }, id);
  expect((await find(bob, id)).reactions.map(({ emoji, own }) => [emoji, own]).sort()).toEqual([
    ['🎉', false],
    ['👍', true],
  ]);
  await desk.invoke('messages.react', { conversation, message: id, emoji: '🎉', on: false });
  await allAgree(({ reactions }) => expect(reactions.map(({ emoji }) => emoji)).toEqual(['👍']), id);

  await desk.invoke('messages.delete', { conversation, message: id });
  await allAgree((message) => expect(looks(message)).toMatchObject({ text: '(deleted)', reactions: [] }), id);
  for (const person of [desk, bob]) {
    const again = person.invoke('messages.react', { conversation, message: id, emoji: '👍', on: true });
    await expect(again).rejects.toMatchObject({ code: 'not_found' });
  }
});

test('only who wrote a message may change it, and it cannot become empty', async () => {
  const id = await say(desk, 'mine');
  const refusal = { code: 'forbidden', message: expect.stringMatching(/wrote/) };
  await expect(bob.invoke('messages.edit', { conversation, message: id, text: 'yours' })).rejects.toMatchObject(
    refusal,
  );
  await expect(bob.invoke('messages.delete', { conversation, message: id })).rejects.toMatchObject(refusal);
  const empty = desk.invoke('messages.edit', { conversation, message: id, text: '' });
  await expect(empty).rejects.toMatchObject({ code: 'bad_request' });
  await allAgree((message) => expect(looks(message)).toMatchObject({ text: 'mine', edited: false }), id);
});

test('what is changed while the relay is away shows at once, lasts, and reaches everybody later', async () => {
  const [first, second, third] = [await say(desk, 'first'), await say(desk, 'second'), await say(bob, 'third')];
  await relay.stop();
  await desk.invoke('messages.edit', { conversation, message: first, text: 'first, at the desk' });
  await desk.invoke('messages.delete', { conversation, message: second });
  await desk.invoke('messages.react', { conversation, message: third, emoji: '❤️', on: true });
  await desk.invoke('messages.react', { conversation, message: third, emoji: '😮', on: true });
  await desk.invoke('messages.react', { conversation, message: third, emoji: '😮', on: false });
  await phone.invoke('messages.edit', { conversation, message: first, text: 'first, on the phone' });
  await desk.stop();

  const back = await openPerson(relay.address, 'alice', { dataDir: desk.dataDir, known: true });
  const pending = { first: await find(back, first), second: await find(back, second), third: await find(back, third) };
  expect(textOf(pending.first)).toBe('first, at the desk');
  expect(pending.first.change).toEqual({ kind: 'edit', failure: null, text: null });
  expect(pending.second).toMatchObject({ content: { kind: 'deleted' }, change: { kind: 'delete' } });
  expect(pending.third.reactions).toMatchObject([{ emoji: '❤️', count: 1, own: true }]);
  expect((await back.invoke('conversations.get', { conversation })).preview).toMatchObject({ text: 'third' });
  expect(await allMessages(back, conversation)).toHaveLength(3);

  const restarted = await startRelay({ dataDir: relay.dataDir, port: relay.port });
  onTestFinished(() => restarted.stop());
  const people = [back, phone, bob];
  await allAgree(({ edited, content }) => expect([edited, content.kind]).toEqual([true, 'text']), first, people);
  await allAgree(({ content }) => expect(content.kind).toBe('deleted'), second, people);
  await allAgree(({ reactions }) => expect(reactions.map(({ emoji }) => emoji)).toEqual(['❤️']), third, people);
  const tablet = await openPerson(relay.address, 'alice', { known: true });
  await online(tablet);
  await allAgree(({ edited }) => expect(edited).toBe(true), first, [...people, tablet]);
});

test('changes raise neither unread counts nor the conversation, and change its preview', async () => {
  const id = await say(desk, 'news');
  const last = await say(bob, 'thanks');
  await bob.invoke('conversations.mark-read', { conversation, seq: 2 });
  const before = await bob.invoke('conversations.get', { conversation });
  const arrived: unknown[] = [];
  bob.guest.on('message.arrived', (event) => arrived.push(event));
  await desk.invoke('messages.react', { conversation, message: last, emoji: '👍', on: true });
  await desk.invoke('messages.edit', { conversation, message: id, text: 'better news' });
  await allAgree(({ edited }) => expect(edited).toBe(true), id);
  const after = await bob.invoke('conversations.get', { conversation });
  expect(after).toMatchObject({ unread: 0, activeAt: before.activeAt, preview: { text: 'thanks' } });
  await bob.invoke('messages.edit', { conversation, message: last, text: 'thank you' });
  await eventually(async () => {
    const { preview } = await desk.invoke('conversations.get', { conversation });
    expect(preview).toMatchObject({ kind: 'text', text: 'thank you' });
  });
  await bob.invoke('messages.delete', { conversation, message: last });
  await eventually(async () => {
    const { preview } = await desk.invoke('conversations.get', { conversation });
    expect(preview).toMatchObject({ kind: 'deleted', text: '' });
  });
  expect(arrived).toEqual([]);
  const tablet = await openPerson(relay.address, 'bob', { known: true });
  await online(tablet);
  await eventually(async () => {
    const fresh = await tablet.invoke('conversations.get', { conversation });
    expect(fresh).toMatchObject({ unread: 0, activeAt: before.activeAt });
  });
});

test('quotes and search follow what a message became, and the screens are told of every quote', async () => {
  const id = await say(desk, 'the meeting is on Tuesday');
  const answer = await say(bob, 'I will be there', id);
  const told = record(bob, 'messages.changed');
  await desk.invoke('messages.edit', { conversation, message: id, text: 'the meeting is on Friday' });
  const quoteAt = async (person: Person) => {
    const { content } = await find(person, answer);
    return content.kind === 'text' ? content.replyTo : null;
  };
  expect(await quoteAt(desk)).toMatchObject({ excerpt: 'the meeting is on Friday', deleted: false });
  await eventually(async () => expect(await quoteAt(bob)).toMatchObject({ excerpt: 'the meeting is on Friday' }));
  await eventually(() => {
    expect(told.flatMap(({ messages }) => messages.map((message) => message.id))).toEqual(
      expect.arrayContaining([id, answer]),
    );
  });
  const hits = async (query: string) => (await bob.invoke('messages.search', { query, limit: 10 })).length;
  expect([await hits('Friday'), await hits('Tuesday')]).toEqual([1, 0]);

  await desk.invoke('messages.delete', { conversation, message: id });
  await eventually(async () => {
    expect(await quoteAt(bob)).toMatchObject({ excerpt: null, media: null, deleted: true });
  });
  expect([await hits('Friday'), await hits('meeting'), await hits('there')]).toEqual([0, 0, 1]);
});

function blobsOf(person: Person): string[] {
  const [account = ''] = readdirSync(join(person.dataDir, 'accounts'));
  const blobs = join(person.dataDir, 'accounts', account, 'blobs');
  return readdirSync(blobs, { recursive: true, encoding: 'utf8' }).filter((name) => /[0-9a-f]{64}/.test(name));
}

test('a caption changes, and a deleted file is gone from gallery, search, vaults and transfers everywhere', async () => {
  const folder = await temporaryFolder();
  const file = await grantedFile(desk, folder, 'plan.txt', madeUpBytes(90_000, 3));
  const { id } = await sendFiles(desk, conversation, [file], 'the plan');
  await eventually(async () => {
    for (const person of [desk, phone, bob]) expect(itemsOf(await find(person, id))).toMatchObject([{ held: true }]);
  });
  const caption = await phone.invoke('messages.edit', { conversation, message: id, text: '' });
  expect(caption).toMatchObject({ edited: true, content: { kind: 'media', text: '' } });
  await allAgree(({ content }) => expect(content).toMatchObject({ kind: 'media', text: '' }), id);

  await desk.invoke('messages.delete', { conversation, message: id });
  const gallery = (person: Person) =>
    person.invoke('media.list', { conversation, filter: 'files', query: '', limit: 10 });
  expect(await gallery(desk)).toEqual([]);
  await allAgree(({ content }) => expect(content).toEqual({ kind: 'deleted' }), id);
  await eventually(async () => {
    for (const person of [desk, phone, bob]) {
      expect(blobsOf(person)).toEqual([]);
      expect(await gallery(person)).toEqual([]);
      expect(await person.invoke('transfers.list')).toEqual([]);
      const ref = { conversation, message: id, item: 0 };
      await expect(person.guest.invoke('media.describe', ref)).rejects.toMatchObject({ code: 'not_found' });
    }
  });
  const tablet = await openPerson(relay.address, 'bob', { known: true });
  await online(tablet);
  await eventually(async () => expect((await find(tablet, id)).content).toEqual({ kind: 'deleted' }));
  expect(await tablet.invoke('transfers.list')).toEqual([]);
});

test('nothing of a deleted message is left in the tables, but what proves that it was the same', async () => {
  const id = await say(desk, 'a secret of the first draft');
  await desk.invoke('messages.edit', { conversation, message: id, text: 'another secret of the second' });
  await desk.invoke('messages.delete', { conversation, message: id });
  await allAgree(({ content }) => expect(content.kind).toBe('deleted'), id);
  await bob.stop();
  const [account = ''] = readdirSync(join(bob.dataDir, 'accounts'));
  const database = new Sqlite(join(bob.dataDir, 'accounts', account, 'parley.db'), { readonly: true });
  onTestFinished(() => void database.close());
  const rows = database
    .prepare<[], { seq: number; text: string | null; payload: Buffer; payload_hash: Buffer | null }>(
      'SELECT seq, text, payload, payload_hash FROM messages ORDER BY seq',
    )
    .all();
  expect(
    rows.map(({ seq, text, payload, payload_hash: hash }) => [seq, text, payload.length > 0, hash?.length]),
  ).toEqual([
    [1, null, false, 32],
    [2, null, false, 32],
    [3, null, true, undefined],
  ]);
  const found = database.prepare<[], number>("SELECT count(*) FROM message_index('secret')").pluck().get();
  expect(found).toBe(0);
});

test('a deletion that ends the app half-way lets go of the files when it runs again', async () => {
  const folder = await temporaryFolder();
  const { id } = await sendFiles(desk, conversation, [await grantedFile(desk, folder, 'a.bin', madeUpBytes(9_000, 5))]);
  await eventually(async () => expect(itemsOf(await find(bob, id))).toMatchObject([{ held: true }]));
  await bob.stop();
  const [account = ''] = readdirSync(join(bob.dataDir, 'accounts'));
  const file = join(bob.dataDir, 'accounts', account, 'parley.db');
  const database = new Sqlite(file);
  // As the transaction of a deletion leaves it, before anything else is done.
  database.exec(
    'INSERT INTO released_blobs SELECT blob FROM media; DELETE FROM media; UPDATE messages SET deleted_seq = 9',
  );
  database.close();
  expect(blobsOf(bob)).not.toEqual([]);
  const back = await openPerson(relay.address, 'bob', { dataDir: bob.dataDir, known: true });
  await eventually(() => expect(blobsOf(back)).toEqual([]));
});

test('a released file that a message still has stays', async () => {
  const folder = await temporaryFolder();
  const { id } = await sendFiles(desk, conversation, [await grantedFile(desk, folder, 'a.bin', madeUpBytes(9_000, 6))]);
  await eventually(async () => expect(itemsOf(await find(bob, id))).toMatchObject([{ held: true }]));
  await bob.stop();
  const [account = ''] = readdirSync(join(bob.dataDir, 'accounts'));
  const database = () => new Sqlite(join(bob.dataDir, 'accounts', account, 'parley.db'));
  const before = database();
  before.exec('INSERT INTO released_blobs SELECT blob FROM media');
  before.close();
  const back = await openPerson(relay.address, 'bob', { dataDir: bob.dataDir, known: true });
  // Grants are given once the files of the last run are in order.
  await grantedFile(back, folder, 'b.bin', madeUpBytes(1, 7));
  await back.stop();
  const after = database();
  expect(after.prepare('SELECT count(*) AS count FROM released_blobs').get()).toEqual({ count: 0 });
  after.close();
  expect(blobsOf(bob)).not.toEqual([]);
});
