/** An export: readable by people and programs, and taken in again where something is missing. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import type { MessageView } from '../../../bridge/views.ts';
import type { ConversationId } from '../../../protocol/index.ts';
import { allMessages, temporaryFolder } from '../../support/engine-client.ts';
import { accountFolderOf, jobOver, namesIn, runJob } from '../../support/engine-data.ts';
import { itemsOf, readWhole, refOf, sendFiles, stagedFile, tinyJpeg } from '../../support/engine-files.ts';
import { converse, eventually, online, openPerson, type Person } from '../../support/engine-people.ts';
import { madeUpBytes } from '../../support/engine-vault.ts';
import { startRelay, type TestRelay } from '../../support/start-relay.ts';

let relay: TestRelay;
let alice: Person;
let bob: Person;
let conversation: ConversationId;
let place: string;
let folder: string;

beforeEach(async () => {
  relay = await startRelay();
  onTestFinished(() => relay.stop());
  place = await temporaryFolder();
  folder = join(place, 'export');
  alice = await openPerson(relay.address, 'alice');
  bob = await openPerson(relay.address, 'bob');
  conversation = await converse(alice, bob);
  for (const person of [alice, bob]) await online(person);
});

const headSchema = z.object({
  account: z.object({ username: z.string() }),
  messages: z.number(),
  files: z.number(),
  conversations: z.array(z.object({ id: z.string(), title: z.string(), lines: z.string(), page: z.string() })),
  drafts: z.array(z.object({ text: z.string() })),
});

const contentKindSchema = z.object({ kind: z.string() }).nullable();

function readExport(from = folder) {
  const head = headSchema.parse(JSON.parse(readFileSync(join(from, 'parley-export.json'), 'utf8')));
  const entry = head.conversations.find(({ id }) => id === conversation);
  if (!entry) throw new Error('The conversation is not in the export.');
  const linesFile = join(from, entry.lines);
  const lines = readFileSync(linesFile, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { head, lines, linesFile, page: readFileSync(join(from, entry.page), 'utf8') };
}

/** What becomes of alice's messages: text, an answer, an edit, a reaction, a deletion, a picture, one that waits. */
async function makeHistory(): Promise<{ picture: Uint8Array }> {
  const picture = new Uint8Array([...tinyJpeg, ...madeUpBytes(400_000, 5)]);
  const hello = await alice.invoke('messages.send', { conversation, text: 'Hello <b>Bob</b> & "all"' });
  const gone = await alice.invoke('messages.send', { conversation, text: 'a slip of the tongue' });
  const facts = { kind: 'picture' as const, type: 'image/jpeg', width: 40, height: 30, thumbnail: tinyJpeg };
  await sendFiles(alice, conversation, [await stagedFile(alice, 'beach #1.jpg', picture, facts)], 'The beach');
  await sendFiles(alice, conversation, [await stagedFile(alice, 'run me.html', Buffer.from('<script>1</script>'))]);
  await settled(alice, 4);
  await settled(bob, 4);
  await alice.invoke('messages.edit', { conversation, message: hello.id, text: 'Hello <i>Bob</i>' });
  await alice.invoke('messages.edit', { conversation, message: gone.id, text: 'another slip of the tongue' });
  await eventually(async () => expect((await allMessages(alice, conversation))[1]).toMatchObject({ change: null }));
  await alice.invoke('messages.delete', { conversation, message: gone.id });
  await bob.invoke('messages.react', { conversation, message: hello.id, emoji: '👍', on: true });
  await bob.invoke('messages.send', { conversation, text: 'Hi', replyTo: hello.id });
  await settled(alice, 5);
  await eventually(async () => {
    const [first, second] = await allMessages(alice, conversation);
    expect(first).toMatchObject({ edited: true, change: null, reactions: [{ emoji: '👍' }] });
    expect(second).toMatchObject({ content: { kind: 'deleted' }, change: null });
  });
  return { picture };
}

const settled = (person: Person, count: number) =>
  eventually(async () => {
    const messages = await allMessages(person, conversation);
    expect(messages.filter(({ seq }) => seq !== null)).toHaveLength(count);
    for (const { held } of messages.flatMap(itemsOf)) expect(held).toBe(true);
  });

test('an export has every entry of the log, the files as they are, and pages without scripts', async () => {
  const { picture } = await makeHistory();
  await alice.invoke('drafts.set', { conversation, text: 'a draft' });
  const job = await runJob(alice, 'data.export', { folder });
  expect(job).toMatchObject({ job: 'export', state: 'done', failure: null });
  expect(job.result).toMatchObject({ files: 2, missingFiles: 0, leftOut: 0 });
  expect(namesIn(place)).toEqual(['export']);
  expect(namesIn(folder)).toEqual(['conversations', 'files', 'index.html', 'parley-export.json']);

  const { head, lines, page } = readExport();
  expect(head).toMatchObject({ account: { username: 'alice' }, drafts: [{ text: 'a draft' }] });
  expect(lines.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(lines[0]).toMatchObject({
    type: 'message',
    sender: { username: 'alice' },
    content: { kind: 'text', text: 'Hello <b>Bob</b> & "all"' },
    text: 'Hello <i>Bob</i>',
    edited: true,
  });
  expect(lines[1]).toMatchObject({ deleted: true, content: null, text: null, payload: '' });
  const kinds = lines.slice(4).map(({ content }) => contentKindSchema.parse(content)?.kind ?? 'erased');
  expect(kinds.sort()).toEqual(['delete', 'edit', 'erased', 'reaction', 'text']);
  expect(JSON.stringify(lines)).not.toContain('slip of the tongue');

  const [kept = '', page2 = ''] = namesIn(join(folder, 'files'));
  expect(kept).toMatch(/^\d{4}-\d\d-\d\d beach #1\.jpg$/);
  expect(page2).toMatch(/run me\.html$/);
  expect(readFileSync(join(folder, 'files', kept)).equals(picture)).toBe(true);
  expect(page).toContain(`src="../files/${encodeURIComponent(kept)}"`);
  expect(page).toContain('Hello &lt;i&gt;Bob&lt;/i&gt;');
  expect(page).toContain('This message was deleted.');
  expect(page).toContain('👍');
  expect(page).not.toContain('<script');
  expect(page).toContain('default-src &#39;none&#39;');
  const index = readFileSync(join(folder, 'index.html'), 'utf8');
  expect(index).toContain('Bob');
});

test('what a device lost beyond the relay’s retention comes back from an export, with its files', async () => {
  const { picture } = await makeHistory();
  await runJob(alice, 'data.export', { folder });
  const before = await allMessages(alice, conversation);
  await alice.stop();
  loseMessages(alice, 8);

  const again = await openPerson(relay.address, 'alice', { known: true, dataDir: alice.dataDir });
  await online(again);
  expect(await allMessages(again, conversation)).toHaveLength(1);
  const job = await runJob(again, 'data.import', { folder });
  expect(job).toMatchObject({ job: 'import', state: 'done', failure: null });
  expect(job.result).toEqual({ messages: 4, files: 2, missingFiles: 0, leftOut: 0 });
  const after = await allMessages(again, conversation);
  expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  expect(after.map(looks)).toEqual(before.map(looks));
  const [, , photo] = after;
  if (!photo) throw new Error('The photo is not there.');
  expect((await readWhole(again, refOf(photo))).equals(picture)).toBe(true);
  expect(await again.invoke('messages.search', { query: 'beach' })).toHaveLength(1);
  expect(await again.invoke('messages.search', { query: 'slip' })).toHaveLength(0);
  expect((await again.invoke('conversations.get', { conversation })).unread).toBe(1);

  const twice = await runJob(again, 'data.import', { folder });
  expect(twice.result).toEqual({ messages: 0, files: 0, missingFiles: 0, leftOut: 0 });
  await again.invoke('sync.check', { conversation });
  await eventually(async () => {
    expect(await again.invoke('sync.status', { conversation })).toMatchObject({ state: 'same', problem: null });
  });
});

/** All of a message but how its files travel. */
function looks({ content, edited, reactions, sender, time }: MessageView) {
  if (content.kind !== 'media') return { content, edited, reactions, sender, time };
  const items = content.items.map((item) => ({ ...item, transfer: null }));
  return { content: { ...content, items }, edited, reactions, sender, time };
}

/** As if the relay had not had them any more when this device was new: messages, changes and files up to a seq. */
function loseMessages(person: Person, upTo: number): void {
  const account = accountFolderOf(person.dataDir);
  const database = new Sqlite(join(account, 'parley.db'));
  const key = database.prepare('SELECT key FROM conversations WHERE id = ?').pluck().get(conversation);
  database.exec(`
    INSERT INTO message_index (message_index, rowid, text)
      SELECT 'delete', rowid, text FROM messages WHERE conversation = ${key} AND seq <= ${upTo} AND text IS NOT NULL;
    DELETE FROM media; DELETE FROM transfers; DELETE FROM blobs; DELETE FROM reactions;
    DELETE FROM message_changes; DELETE FROM messages WHERE conversation = ${key} AND seq <= ${upTo};
    DELETE FROM chain_checkpoints;`);
  database.close();
  rmSync(join(account, 'blobs'), { recursive: true });
}

test('an import never changes the log: what conflicts, is damaged or leads elsewhere is left out and counted', async () => {
  await makeHistory();
  await runJob(alice, 'data.export', { folder });
  const { lines, linesFile } = readExport();
  const before = await allMessages(alice, conversation);
  const [first] = lines;
  const foreign = { ...first, id: '00000000-0000-7000-8000-000000000001' };
  const beyond = { ...foreign, seq: 9_999 };
  const escaping = { ...first, files: [{ blob: '0'.repeat(64), path: '../../../etc/passwd' }] };
  const bad = [foreign, beyond, escaping, { ...first, seq: 0 }, { type: 'other' }].map((line) => JSON.stringify(line));
  writeFileSync(linesFile, [...bad, 'no json', '{"type":"waiting"}', ''].join('\n'));
  const job = await runJob(alice, 'data.import', { folder });
  expect(job).toMatchObject({ state: 'done', result: { messages: 0, files: 0, leftOut: 6 } });
  expect(await allMessages(alice, conversation)).toEqual(before);
});

test('a file of an export that is not the one that was sent is not taken in', async () => {
  await makeHistory();
  await runJob(alice, 'data.export', { folder });
  const [photo = ''] = namesIn(join(folder, 'files'));
  const path = join(folder, 'files', photo);
  const bytes = readFileSync(path);
  bytes[300_000] = (bytes[300_000] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  await alice.stop();
  loseMessages(alice, 8);
  const again = await openPerson(relay.address, 'alice', { known: true, dataDir: alice.dataDir });
  const job = await runJob(again, 'data.import', { folder });
  expect(job.result).toEqual({ messages: 4, files: 1, missingFiles: 1, leftOut: 0 });
});

test('an export of somebody else, of another relay, or none at all is refused in words', async () => {
  await runJob(bob, 'data.export', { folder });
  const tryImport = (from: string) => alice.guest.invoke('data.import', { folder: from });
  await expect(tryImport(folder)).rejects.toThrow(/export of bob, and alice is logged in/);
  const other = await startRelay();
  onTestFinished(() => other.stop());
  const elsewhere = await openPerson(other.address, 'alice');
  await expect(elsewhere.guest.invoke('data.import', { folder })).rejects.toThrow(/another relay/);
  await expect(tryImport(place)).rejects.toThrow(/no export of Parley/);
  const head = join(folder, 'parley-export.json');
  writeFileSync(head, readFileSync(head, 'utf8').replace('"version": 1', '"version": 2'));
  await expect(tryImport(folder)).rejects.toThrow(/newer version/);
  expect(await alice.invoke('data.job')).toBeNull();
});

test('an export goes into a new or an empty folder only, and one that is cancelled leaves nothing', async () => {
  await sendFiles(alice, conversation, [await stagedFile(alice, 'large.bin', madeUpBytes(5_000_000))]);
  mkdirSync(folder);
  writeFileSync(join(folder, 'mine.txt'), 'mine');
  await expect(alice.guest.invoke('data.export', { folder })).rejects.toThrow(/something in that folder/);
  expect(readFileSync(join(folder, 'mine.txt'), 'utf8')).toBe('mine');
  rmSync(join(folder, 'mine.txt'));
  const over = jobOver(alice);
  await alice.guest.invoke('data.export', { folder });
  await alice.invoke('data.cancel');
  expect((await over).state).toBe('cancelled');
  expect(namesIn(place, true)).toEqual(['export']);
  expect((await runJob(alice, 'data.export', { folder })).state).toBe('done');
  expect(existsSync(join(folder, 'index.html'))).toBe(true);
});

test('what a crash left of an export is gone after the next start', async () => {
  const part = join(place, 'export.parley-part');
  mkdirSync(join(part, 'files'), { recursive: true });
  writeFileSync(join(place, 'precious'), 'kept');
  await alice.stop();
  const note = JSON.stringify([part, join(place, 'precious')]);
  writeFileSync(join(alice.dataDir, 'unfinished-data.json'), note);
  await openPerson(relay.address, 'alice', { known: true, dataDir: alice.dataDir });
  await eventually(() => expect(namesIn(place)).toEqual(['precious']));
});
