/** However edits, deletions and reactions reach a device, what it shows is what a plain reading of the log says. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { MessageView } from '../../../bridge/views.ts';
import { decodedContent } from '../../../main/engine/messaging/decode.ts';
import { openStore, type Store } from '../../../main/engine/storage/store.ts';
import {
  createId,
  encodeContent,
  encodeOne,
  type BlobId,
  type ConversationId,
  type DeviceId,
  type Envelope,
  type MessageId,
  type UserId,
} from '../../../protocol/index.ts';
import { temporaryFolder } from '../../support/engine-client.ts';

const people = ['Ann', 'Ben', 'Cem'].map((displayName) => ({
  id: createId<UserId>(),
  username: displayName.toLowerCase(),
  displayName,
}));
const [ann] = people;
const self = () => ann as (typeof people)[number];
const conversation = createId<ConversationId>();
const blob = 'ab'.repeat(32) as BlobId;
const ids = Array.from({ length: 60 }, () => createId<MessageId>());
const emojis = ['👍', '🎉'];

/** One entry of the log, as somebody wrote it. Targets are places in the log, of whatever is there. */
type Entry = { readonly who: number } & (
  | { readonly kind: 'text' | 'media'; readonly text: string }
  | { readonly kind: 'poll' }
  | { readonly kind: 'edit'; readonly target: number; readonly text: string }
  | { readonly kind: 'delete'; readonly target: number }
  | { readonly kind: 'reaction'; readonly target: number; readonly emoji: string; readonly on: boolean }
);

/** Mostly one person and few messages, so that much is done to the same ones. */
const who = fc.constantFrom(0, 0, 0, 0, 0, 1, 2);
const target = fc.nat(2);
const words = fc.constantFrom('tea', 'coffee', 'water with ice');
const edit = fc.record({ kind: fc.constant('edit' as const), who, target, text: fc.oneof(words, fc.constant('')) });
const removal = fc.record({ kind: fc.constant('delete' as const), who, target });
const reaction = fc.record({
  kind: fc.constant('reaction' as const),
  who,
  target,
  emoji: fc.constantFrom(...emojis),
  on: fc.boolean(),
});
const change: fc.Arbitrary<Entry> = fc.oneof(
  { weight: 6, arbitrary: edit },
  { weight: 1, arbitrary: removal },
  { weight: 6, arbitrary: reaction },
);
const message: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ kind: fc.constantFrom('text' as const, 'media' as const), who, text: words }),
  fc.record({ kind: fc.constant('poll' as const), who }),
);
const mixed = fc.oneof({ weight: 1, arbitrary: message }, { weight: 5, arbitrary: change });
const log = fc
  .tuple(fc.array(message, { minLength: 1, maxLength: 3 }), fc.array(mixed, { minLength: 5, maxLength: 35 }))
  .map((parts) => parts.flat());
/** Orders the entries, cuts them into batches, and closes the store between some. */
const arrival = fc.record({
  keys: fc.array(fc.nat(1_000), { minLength: 40, maxLength: 40 }),
  batch: fc.integer({ min: 1, max: 9 }),
  restarts: fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
});

function contentOf(entry: Entry): Uint8Array {
  if (entry.kind === 'poll') return encodeOne({ kind: 'poll' });
  if (!('target' in entry)) {
    if (entry.kind === 'text') return encodeContent({ kind: 'text', text: entry.text });
    const item = { kind: 'file' as const, name: 'a.txt', type: 'text/plain', bytes: 3, blob, key: new Uint8Array(32) };
    return encodeContent({ kind: 'media', items: [item], text: entry.text });
  }
  const { who: _who, target: at, ...rest } = entry;
  return encodeContent({ ...rest, target: ids[at] as MessageId });
}

function envelopeOf(entry: Entry, place: number, id = ids[place] as MessageId): Envelope {
  const payload = new Uint8Array(contentOf(entry));
  const user = people[entry.who]?.id as UserId;
  return { seq: place + 1, id, user, device: createdDevice, kind: 'content', time: 1_000 + place, payload };
}
const createdDevice = createId<DeviceId>();

interface Shown {
  readonly text: string | null;
  readonly kind: string;
  readonly edited: boolean;
  readonly reactions: readonly string[];
}

/** The plain reading: every message, then everything that was done to it, one after another. */
function readPlainly(entries: readonly Entry[]): Map<number, Shown> {
  const shown = new Map<number, Shown>();
  for (const [place, entry] of entries.entries()) {
    if (entry.kind !== 'text' && entry.kind !== 'media' && entry.kind !== 'poll') continue;
    shown.set(place, readOne(entries, place, entry));
  }
  return shown;
}

function readOne(entries: readonly Entry[], place: number, original: Entry): Shown {
  let text = 'text' in original ? original.text : null;
  let edited = false;
  const reactions: string[] = [];
  for (const entry of entries) {
    if (!('target' in entry) || entry.target !== place) continue;
    if (entry.kind === 'reaction') {
      const name = `${entry.emoji} ${people[entry.who]?.username}`;
      const at = reactions.indexOf(name);
      if (at >= 0) reactions.splice(at, 1);
      if (entry.on) reactions.push(name);
    } else if (entry.who === original.who) {
      if (entry.kind === 'delete') return { text: null, kind: 'deleted', edited: false, reactions: [] };
      if (original.kind === 'poll' || (original.kind === 'text' && entry.text === '')) continue;
      text = entry.text;
      edited = true;
    }
  }
  return { text, kind: original.kind === 'poll' ? 'unsupported' : original.kind, edited, reactions: reactions.sort() };
}

function shownOf({ content, edited, reactions }: MessageView): Shown {
  const text = content.kind === 'text' || content.kind === 'media' ? content.text : null;
  const names = reactions.flatMap(({ emoji, people: those }) => those.map(({ username }) => `${emoji} ${username}`));
  return { text, kind: content.kind, edited, reactions: names.sort() };
}

function open(file: string): Store {
  const store = openStore(file, self);
  store.transact(() => {
    for (const person of people) store.people.save(person);
    const cursors = people.map(({ id }) => ({ user: id, delivered: 0, read: 0 }));
    store.conversations.save({
      id: conversation,
      kind: 'group',
      epoch: 0,
      head: 0,
      createdAt: 0,
      activeAt: 0,
      cursors,
    });
  });
  return store;
}

function insert(store: Store, envelope: Envelope): void {
  store.messages.insert(conversation, envelope, decodedContent(envelope.payload));
}

function assertAsRead(store: Store, entries: readonly Entry[]): void {
  const expected = readPlainly(entries);
  const views = store.messageViews.newer(conversation, 0, 1_000);
  const lost = new Set(views.filter(({ state }) => state === 'lost').map(({ id }) => id));
  const standing = views.filter(({ id }) => !lost.has(id));
  expect(standing.map(({ seq }) => (seq ?? 0) - 1)).toEqual([...expected.keys()]);
  for (const view of standing) expect(shownOf(view)).toEqual(expected.get((view.seq ?? 0) - 1));
  for (const word of ['tea', 'coffee', 'water']) {
    const query = { indexed: [word], matches: () => true, conversation, beforeRowid: 1e15, limit: 100 };
    const found = store.search.find(query).flatMap((rowid) => store.messageViews.byRowid(rowid)?.seq ?? []);
    const hits = found.map((seq) => seq - 1);
    const saying = [...expected].filter(([, { text }]) => text?.includes(word)).map(([place]) => place);
    expect(hits.sort((one, other) => one - other)).toEqual(saying);
  }
  const all = store.gallery.find({ conversation, kinds: ['file'], matches: () => true, before: 1e15, limit: 100 });
  const files = all.filter(({ ref }) => !lost.has(ref.message));
  expect(files).toHaveLength([...expected.values()].filter(({ kind }) => kind === 'media').length);
  store.transact(() => store.conversations.recountUnread(conversation));
  const others = [...expected.keys()].filter((place) => entries[place]?.who !== 0);
  expect(store.conversationViews.get(conversation)?.unread).toBe(others.length);
}

test('random logs in random order, batches and restarts show what a plain reading of the log says', async () => {
  await fc.assert(
    fc.asyncProperty(log, arrival, async (entries, { keys, batch, restarts }) => {
      const file = join(await temporaryFolder(), 'history.db');
      const order = entries.map((_, place) => place).sort((one, other) => (keys[one] ?? 0) - (keys[other] ?? 0));
      let store = open(file);
      for (let at = 0; at < order.length; at += batch) {
        store.transact(() => {
          for (const place of order.slice(at, at + batch)) insert(store, envelopeOf(entries[place] as Entry, place));
        });
        if (!restarts[at]) continue;
        store.close();
        store = open(file);
      }
      assertAsRead(store, entries);
      store.close();
      loseSome(file);
      store = open(file);
      for (const [place, entry] of entries.entries()) insert(store, envelopeOf(entry, place));
      assertAsRead(store, entries);
      store.close();
      assertErased(file, entries);
    }),
    { numRuns: 50 },
  );
}, 120_000);

/** As after damage to the file, when what could be read was saved: all comes again, and some of it is here. */
function loseSome(file: string): void {
  const database = new Sqlite(file);
  database.exec(`
    DELETE FROM reactions;
    DELETE FROM message_changes WHERE seq % 2 = 0;
    DELETE FROM messages WHERE content_kind IS NULL AND seq % 3 = 0;`);
  database.close();
}

/** Nothing that a deleted message ever said is in a row, and what its payloads hashed to still is. */
function assertErased(file: string, entries: readonly Entry[]): void {
  const database = new Sqlite(file, { readonly: true });
  const expected = readPlainly(entries);
  const rows = database
    .prepare<[], { seq: number; payload: Buffer; payload_hash: Buffer | null }>('SELECT * FROM messages')
    .all();
  for (const { seq, payload, payload_hash: hash } of rows) {
    const entry = entries[seq - 1] as Entry;
    const deleted = expected.get(seq - 1)?.kind === 'deleted';
    const orphaned =
      entry.kind === 'edit' &&
      expected.get(entry.target)?.kind === 'deleted' &&
      entries[entry.target]?.who === entry.who;
    expect(payload.byteLength === 0).toBe(deleted || orphaned);
    const original = createHash('sha256').update(contentOf(entry)).digest();
    expect(hash?.equals(original) ?? false).toBe(deleted || orphaned);
  }
  database.close();
}

/** What was erased cannot come back, so that nothing is deleted here. */
const lasting = log.map((entries) => entries.filter(({ kind }) => kind !== 'delete'));

test('where a relay that was put back has other entries, they alone count', async () => {
  await fc.assert(
    fc.asyncProperty(lasting, lasting, fc.nat(40), async (entries, others, from) => {
      fc.pre(entries.length > 0);
      const file = join(await temporaryFolder(), 'history.db');
      const store = open(file);
      const replaced = entries.map((entry, place) => (place < from ? entry : (others[place] ?? entry)));
      const newIds = replaced.map((entry, place) => (entry === entries[place] ? ids[place] : createId<MessageId>()));
      store.transact(() => {
        for (const [place, entry] of entries.entries()) insert(store, envelopeOf(entry, place));
      });
      store.transact(() => {
        for (const [place, entry] of replaced.entries()) insert(store, envelopeOf(entry, place, newIds[place]));
      });
      // A target that got another id is changed by nothing any more.
      const readable = replaced.map((entry) =>
        'target' in entry && newIds[entry.target] !== ids[entry.target] ? { ...entry, target: 99 } : entry,
      );
      assertAsRead(store, readable);
      store.close();
    }),
    { numRuns: 30 },
  );
}, 60_000);

test('what was erased stays deleted when the relay loses the deletion', async () => {
  const store = open(join(await temporaryFolder(), 'history.db'));
  onTestFinished(() => store.close());
  const entries: Entry[] = [
    { who: 1, kind: 'text', text: 'gone' },
    { who: 1, kind: 'edit', target: 0, text: 'gone, too' },
    { who: 1, kind: 'delete', target: 0 },
  ];
  for (const [place, entry] of entries.entries()) insert(store, envelopeOf(entry, place));
  insert(store, envelopeOf({ who: 1, kind: 'text', text: 'instead' }, 2, createId<MessageId>()));
  insert(store, envelopeOf({ who: 1, kind: 'reaction', target: 0, emoji: '👍', on: true }, 3));
  const views = store.messageViews.newer(conversation, 0, 10).map(shownOf);
  expect(views.map(({ text, kind }) => [kind, text])).toEqual([
    ['deleted', null],
    ['text', 'instead'],
  ]);
  expect(views[0]?.reactions).toEqual([]);
});

test('a message that was stored wrongly is put right with its changes', async () => {
  const store = open(join(await temporaryFolder(), 'history.db'));
  onTestFinished(() => store.close());
  const right: Entry = { who: 1, kind: 'text', text: 'tea' };
  insert(store, envelopeOf({ ...right, text: 'tee' }, 0));
  insert(store, envelopeOf({ who: 1, kind: 'edit', target: 0, text: '' }, 1));
  insert(store, envelopeOf({ who: 2, kind: 'reaction', target: 0, emoji: '👍', on: true }, 2));
  const outcomes = [1, 2].map(() =>
    store.messages.insert(conversation, envelopeOf(right, 0), decodedContent(envelopeOf(right, 0).payload)),
  );
  expect(outcomes).toEqual(['replaced', 'repeated']);
  expect(store.messageViews.newer(conversation, 0, 10).map(shownOf)).toEqual([
    { kind: 'text', text: 'tea', edited: false, reactions: ['👍 cem'] },
  ]);
});
