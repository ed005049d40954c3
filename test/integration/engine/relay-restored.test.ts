/** A relay that is put back to an old copy of its data: nothing that a device has is lost, and all end the same again. */
import { cp, rm } from 'node:fs/promises';
import { onTestFinished, expect, test } from 'vitest';
import type { ConversationId } from '../../../protocol/index.ts';
import { allMessages, temporaryFolder, textOf } from '../../support/engine-client.ts';
import { converse, eventually, online, openPerson, record, texts, type Person } from '../../support/engine-people.ts';
import { startRelay, type TestRelay } from '../../support/start-relay.ts';

/** Longer than a device may wait before it tries again. */
const patienceMs = 40_000;

interface Site {
  readonly address: string;
  /** Copies the data of the relay, which is closed for it. */
  keepCopy(): Promise<void>;
  /** Puts the copy in the place of the data. */
  putBack(): Promise<void>;
}

/** A relay at one address through many lives. */
async function openSite(): Promise<Site> {
  const dataDir = await temporaryFolder();
  const copy = await temporaryFolder();
  let relay: TestRelay = await startRelay({ dataDir });
  const { address } = relay;
  const port = Number(new URL(address).port);
  onTestFinished(() => relay.stop());
  const closed = async (work: () => Promise<void>) => {
    await relay.stop();
    await work();
    relay = await startRelay({ dataDir, port });
  };
  const replace = async (from: string, to: string) => {
    await rm(to, { recursive: true, force: true });
    await cp(from, to, { recursive: true });
  };
  return {
    address,
    keepCopy: () => closed(() => replace(dataDir, copy)),
    putBack: () => closed(() => replace(copy, dataDir)),
  };
}

async function back(...people: readonly Person[]): Promise<void> {
  for (const person of people) {
    await eventually(async () => {
      const { state } = await person.invoke('connection.get');
      if (state === 'waiting') await person.invoke('connection.retry');
      if (state !== 'online') throw new Error(`The connection is ${state}.`);
    }, patienceMs);
  }
}

async function say(person: Person, conversation: ConversationId, text: string): Promise<void> {
  const { id } = await person.invoke('messages.send', { conversation, text });
  await eventually(async () => {
    const sent = (await allMessages(person, conversation)).find((message) => message.id === id);
    if (sent === undefined || sent.seq === null) throw new Error(`"${text}" is ${sent?.state}.`);
  });
}

async function holds(person: Person, conversation: ConversationId, expected: readonly string[]): Promise<void> {
  await eventually(async () => expect(await texts(person, conversation)).toEqual(expected), patienceMs);
}

/** Everything on the screens, in order: all devices must show the very same. */
async function picture(person: Person, conversation: ConversationId): Promise<unknown[]> {
  const messages = await allMessages(person, conversation);
  return messages.map(({ id, seq, time, edited, content, reactions, sender }) => {
    const marks = reactions.map(({ emoji, count }) => `${emoji}${count}`);
    return [id, seq, time, edited, content.kind, textOf({ content } as never), marks, sender.id];
  });
}

async function allSame(conversation: ConversationId, ...people: readonly Person[]): Promise<void> {
  await eventually(async () => {
    const [first, ...others] = await Promise.all(people.map((person) => picture(person, conversation)));
    for (const other of others) expect(other).toEqual(first);
    for (const person of people) {
      const states = (await allMessages(person, conversation)).map(({ state }) => state);
      expect(states).not.toContain('lost');
      expect(states).not.toContain('queued');
    }
  }, patienceMs);
}

async function trio(address: string) {
  const laptop = await openPerson(address, 'anna');
  const phone = await openPerson(address, 'anna', { known: true });
  const bert = await openPerson(address, 'bert');
  const conversation = await converse(laptop, bert);
  await eventually(() => phone.invoke('conversations.get', { conversation }));
  return { laptop, phone, bert, conversation };
}

test('what was sent after the backup comes back by itself on all devices, with its changes and in one order', async () => {
  const site = await openSite();
  const { laptop, phone, bert, conversation } = await trio(site.address);
  await say(laptop, conversation, 'one');
  await say(bert, conversation, 'two');
  await holds(phone, conversation, ['one', 'two']);
  await site.keepCopy();
  await back(laptop, phone, bert);
  const notices = record(bert, 'notice');

  await say(laptop, conversation, 'three');
  await say(bert, conversation, 'four');
  await say(phone, conversation, 'five');
  await say(phone, conversation, 'to be deleted');
  const [one, , three, , , gone] = await allMessages(laptop, conversation);
  if (!one || !three) throw new Error('The messages are not there.');
  await laptop.invoke('messages.edit', { conversation, message: three.id, text: 'three, edited' });
  await bert.invoke('messages.react', { conversation, message: one.id, emoji: '👍', on: true });
  await holds(laptop, conversation, ['one', 'two', 'three, edited', 'four', 'five', 'to be deleted']);
  const mistake = gone ?? (await allMessages(phone, conversation)).at(-1);
  if (!mistake) throw new Error('The message is not there.');
  await phone.invoke('messages.delete', { conversation, message: mistake.id });
  await eventually(async () => {
    for (const person of [laptop, phone, bert]) {
      const messages = await allMessages(person, conversation);
      expect(messages.map(({ content }) => content.kind)).toEqual(['text', 'text', 'text', 'text', 'text', 'deleted']);
      expect(messages[0]?.reactions).toMatchObject([{ emoji: '👍', count: 1 }]);
    }
  });
  await laptop.invoke('conversations.mark-read', { conversation, seq: 1_000 });
  await bert.invoke('conversations.mark-read', { conversation, seq: 1_000 });

  await site.putBack();
  await back(laptop, phone, bert);
  await allSame(conversation, laptop, phone, bert);
  const shown = await allMessages(bert, conversation);
  expect(shown.map(textOf).toSorted()).toEqual(['five', 'four', 'one', 'three, edited', 'two']);
  expect(shown[0]?.reactions).toMatchObject([{ emoji: '👍', count: 1 }]);
  expect(notices.map(({ code }) => code)).toContain('relay_rewound');
  for (const person of [laptop, phone, bert]) {
    expect(await person.invoke('conversations.get', { conversation })).toMatchObject({ unread: 0 });
    await eventually(async () => {
      const { state, problem } = await person.invoke('sync.status', { conversation });
      expect({ state, problem }).toEqual({ state: 'same', problem: null });
    }, patienceMs);
  }
}, 120_000);

test('what others sent stays where it stood, marked, until a device of theirs is back', async () => {
  const site = await openSite();
  const { laptop, phone, bert, conversation } = await trio(site.address);
  await say(laptop, conversation, 'one');
  await holds(bert, conversation, ['one']);
  await site.keepCopy();
  await back(laptop, phone, bert);
  await say(bert, conversation, 'two');
  await say(laptop, conversation, 'three');
  await holds(phone, conversation, ['one', 'two', 'three']);
  await bert.stop();

  await site.putBack();
  await back(laptop, phone);
  await holds(laptop, conversation, ['one', 'two', 'three']);
  await eventually(async () => {
    const states = (await allMessages(laptop, conversation)).map(({ state, seq }) => ({ state, seq }));
    expect(states).toMatchObject([{ seq: 1 }, { state: 'lost', seq: null }, { seq: 2 }]);
  });
  await eventually(async () => {
    const { state, problem } = await laptop.invoke('sync.status', { conversation });
    expect([state, problem?.code]).toEqual(['different', 'relay_behind']);
  }, patienceMs);

  const again = await openPerson(site.address, 'bert', { known: true, dataDir: bert.dataDir });
  await online(again);
  await allSame(conversation, laptop, phone, again);
  expect((await texts(laptop, conversation)).toSorted()).toEqual(['one', 'three', 'two']);
}, 120_000);

test('a conversation that began after the backup is opened again under its id, with all that was said in it', async () => {
  const site = await openSite();
  const laptop = await openPerson(site.address, 'anna');
  const bert = await openPerson(site.address, 'bert');
  await site.keepCopy();
  await back(laptop, bert);
  const conversation = await converse(laptop, bert);
  await say(laptop, conversation, 'begun after the backup');
  await say(bert, conversation, 'and answered');
  await laptop.invoke('conversations.pin', { conversation, pinned: true });
  const notes = await laptop.invoke('conversations.notes');
  await say(laptop, notes.id, 'a note');
  await holds(laptop, conversation, ['begun after the backup', 'and answered']);

  await site.putBack();
  await back(laptop, bert);
  await allSame(conversation, laptop, bert);
  expect((await texts(bert, conversation)).toSorted()).toEqual(['and answered', 'begun after the backup']);
  await say(bert, conversation, 'goes on');
  await eventually(async () => expect(await texts(laptop, conversation)).toHaveLength(3));
  const phone = await openPerson(site.address, 'anna', { known: true });
  await eventually(async () => {
    expect(await phone.invoke('conversations.get', { conversation })).toMatchObject({ pinnedAt: expect.any(Number) });
    expect(await texts(phone, notes.id)).toEqual(['a note']);
  }, patienceMs);
}, 120_000);

test('a file that was sent after the backup is given to the relay again', async () => {
  const site = await openSite();
  const { laptop, phone, bert, conversation } = await trio(site.address);
  await site.keepCopy();
  await back(laptop, phone, bert);
  const file = new Uint8Array(3_000).fill(7);
  const { stage } = await laptop.invoke('media.stage', { bytes: file });
  const item = { source: { from: 'stage' as const, stage }, kind: 'file' as const, name: 'a.bin', type: 'text/plain' };
  await laptop.invoke('media.send', { conversation, items: [item], text: 'a file' });
  await eventually(async () => expect(await allMessages(bert, conversation)).toHaveLength(1));
  await eventually(async () => {
    const files = await laptop.invoke('transfers.list');
    expect(files.map(({ state }) => state)).toEqual(['done']);
  }, patienceMs);
  await bert.stop();
  await phone.stop();

  await site.putBack();
  await back(laptop);
  const late = await openPerson(site.address, 'anna', { known: true });
  await eventually(async () => {
    const [shown] = await allMessages(late, conversation);
    const items = shown?.content.kind === 'media' ? shown.content.items : [];
    expect(items).toMatchObject([{ held: true }]);
  }, patienceMs);
}, 120_000);

test('a device that comes when the log has grown over what it held sends what is missing, and ends the same', async () => {
  const site = await openSite();
  const { laptop, phone, bert, conversation } = await trio(site.address);
  await say(laptop, conversation, 'one');
  await holds(phone, conversation, ['one']);
  await site.keepCopy();
  await back(laptop, phone, bert);
  await laptop.stop();
  await say(phone, conversation, 'only the phone sent this');
  await bert.stop();
  await say(phone, conversation, 'and nobody got this');
  await phone.stop();

  await site.putBack();
  const later = await openPerson(site.address, 'anna', { known: true, dataDir: laptop.dataDir });
  await say(later, conversation, 'new two');
  await say(later, conversation, 'new three');
  await say(later, conversation, 'new four');
  const phoneAgain = await openPerson(site.address, 'anna', { known: true, dataDir: phone.dataDir });
  const bertAgain = await openPerson(site.address, 'bert', { known: true, dataDir: bert.dataDir });
  await eventually(async () => expect(await texts(later, conversation)).toHaveLength(6), patienceMs);
  await allSame(conversation, later, phoneAgain, bertAgain);
}, 120_000);
