/** What an account's devices share: pins, mutes, drafts, notes to self and the way files take, on two devices of one person. */
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { ConversationView } from '../../../bridge/views.ts';
import { httpClient, type HttpClient } from '../../../main/engine/connection/http-client.ts';
import { ParleyError, paths, type ConversationId } from '../../../protocol/index.ts';
import { accountFolder, damageRoot } from '../../support/damaged-history.ts';
import { converse, eventually, online, openPerson, record, texts, type Person } from '../../support/engine-people.ts';
import { startRelay, type TestRelay } from '../../support/start-relay.ts';
import { unreachable } from '../../support/unreachable-network.ts';

let relay: TestRelay;

beforeEach(async () => {
  relay = await startRelay();
  onTestFinished(() => relay.stop());
});

interface Setting {
  readonly laptop: Person;
  readonly desktop: Person;
  readonly bob: Person;
  readonly conversation: ConversationId;
}

/** Alice on two devices, in a conversation with Bob that all know. */
async function twoDevices(): Promise<Setting> {
  const laptop = await openPerson(relay.address, 'alice');
  const bob = await openPerson(relay.address, 'bob');
  const conversation = await converse(laptop, bob);
  const desktop = await openPerson(relay.address, 'alice', { known: true });
  await online(desktop);
  return { laptop, desktop, bob, conversation };
}

function view(person: Person, conversation: ConversationId): Promise<ConversationView> {
  return person.invoke('conversations.get', { conversation });
}

async function shows(person: Person, conversation: ConversationId, what: Partial<ConversationView>): Promise<void> {
  await eventually(async () => expect(await view(person, conversation)).toMatchObject(what));
}

/** The same device again, from its folder. */
function again(person: Person): Promise<Person> {
  return openPerson(relay.address, person.username, { dataDir: person.dataDir, known: true });
}

function offline(person: Person): Promise<Person> {
  const { dataDir } = person;
  return openPerson(relay.address, person.username, { dataDir, known: true, openSocket: unreachable });
}

describe('pins and mutes', () => {
  test('a conversation pinned on one device is pinned on the other, and taken down there for both', async () => {
    const { laptop, desktop, bob, conversation } = await twoDevices();
    const carol = await openPerson(relay.address, 'carol');
    const newer = await converse(laptop, carol);
    await carol.invoke('messages.send', { conversation: newer, text: 'newest' });
    await eventually(async () => expect(await texts(desktop, newer)).toEqual(['newest']));
    const order = async (person: Person) => (await person.invoke('conversations.list', {})).map(({ id }) => id);
    expect(await order(desktop)).toEqual([newer, conversation]);

    await laptop.invoke('conversations.pin', { conversation, pinned: true });
    const { pinnedAt } = await view(laptop, conversation);
    expect(pinnedAt).not.toBeNull();
    await shows(desktop, conversation, { pinnedAt });
    expect(await order(desktop)).toEqual([conversation, newer]);
    expect(await order(laptop)).toEqual([conversation, newer]);

    await desktop.invoke('conversations.pin', { conversation, pinned: false });
    await shows(laptop, conversation, { pinnedAt: null });
    expect((await view(bob, conversation)).pinnedAt).toBeNull();
  });

  test('the list goes on behind any of its rows, whether pinned or not', async () => {
    const { laptop, conversation } = await twoDevices();
    const all = [conversation];
    for (const name of ['carol', 'dave', 'erin', 'frank']) {
      all.push(await converse(laptop, await openPerson(relay.address, name)));
    }
    for (const pinned of all.slice(0, 3)) {
      await laptop.invoke('conversations.pin', { conversation: pinned, pinned: true });
    }
    const whole = await laptop.invoke('conversations.list', {});
    expect(whole.map(({ pinnedAt }) => pinnedAt !== null)).toEqual([true, true, true, false, false]);
    for (const limit of [1, 2, 3, 4]) {
      const paged: ConversationView[] = [];
      for (let last = undefined as ConversationView | undefined; ;) {
        const after = last && { pinnedAt: last.pinnedAt, activeAt: last.activeAt, id: last.id };
        const page = await laptop.invoke('conversations.list', { limit, ...(after ? { after } : {}) });
        paged.push(...page);
        if (page.length < limit) break;
        last = page.at(-1);
      }
      expect(paged.map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
    }
  });

  test('a muted conversation raises no notification and no mark on any device, until it is not muted', async () => {
    const { laptop, desktop, bob, conversation } = await twoDevices();
    const arrived: string[] = [];
    const totals: number[] = [];
    desktop.guest.on('message.arrived', ({ text }) => arrived.push(text));
    desktop.guest.on('unread.changed', ({ total }) => totals.push(total));
    await laptop.invoke('conversations.mute', { conversation, mute: { forMs: null } });
    await shows(desktop, conversation, { muted: true, mutedUntil: null });
    await bob.invoke('messages.send', { conversation, text: 'unheard' });
    await shows(desktop, conversation, { unread: 1 });
    expect(totals.filter((total) => total > 0)).toEqual([]);

    await desktop.invoke('conversations.mute', { conversation, mute: null });
    await shows(laptop, conversation, { muted: false });
    await eventually(() => expect(totals.at(-1)).toBe(1));
    await bob.invoke('messages.send', { conversation, text: 'heard' });
    await eventually(() => expect(arrived).toEqual(['heard']));
  });

  test('a mute for a while ends by itself on both devices', async () => {
    const { laptop, desktop, conversation } = await twoDevices();
    await laptop.invoke('conversations.mute', { conversation, mute: { forMs: 1_500 } });
    const { mutedUntil } = await view(laptop, conversation);
    expect(mutedUntil).not.toBeNull();
    await shows(desktop, conversation, { muted: true, mutedUntil });
    await shows(desktop, conversation, { muted: false, mutedUntil: null });
    await shows(laptop, conversation, { muted: false, mutedUntil: null });
  });
});

describe('drafts', () => {
  test('what is typed on one device is found on the other, and goes when it was sent', async () => {
    const { laptop, desktop, conversation } = await twoDevices();
    await laptop.invoke('drafts.set', { conversation, text: 'half a thou' });
    await laptop.invoke('drafts.set', { conversation, text: 'half a thought' });
    await shows(desktop, conversation, { draft: 'half a thought' });
    await desktop.invoke('messages.send', { conversation, text: 'half a thought, finished' });
    await desktop.invoke('drafts.set', { conversation, text: '' });
    await shows(laptop, conversation, { draft: null });
  });

  test('typing on two devices at once leaves each its own text, and both end with the last one', async () => {
    const { laptop, desktop, conversation } = await twoDevices();
    const onDesktop = record(desktop, 'conversations.changed');
    await desktop.invoke('drafts.set', { conversation, text: 'typed on the desktop' });
    await laptop.invoke('drafts.set', { conversation, text: 'typed on the laptop' });
    await laptop.invoke('typing.set', { conversation, typing: false });
    const notes = await desktop.invoke('conversations.notes');
    // The laptop's text has come; what is typed here is newer than anything heard until it is handed on.
    await eventually(async () => expect((await view(desktop, notes.id)).head).toBeGreaterThan(0));
    expect((await view(desktop, conversation)).draft).toBe('typed on the desktop');
    await desktop.invoke('drafts.set', { conversation, text: 'typed on the desktop, more' });
    await shows(laptop, conversation, { draft: 'typed on the desktop, more' });
    expect((await view(desktop, conversation)).draft).toBe('typed on the desktop, more');
    const shown = onDesktop.flat().flatMap(({ id, draft }) => (id === conversation && draft !== null ? [draft] : []));
    expect(shown).not.toContain('typed on the laptop');
  });

  test('a draft too long for a message stays on its device', async () => {
    const { laptop, desktop, conversation } = await twoDevices();
    const long = 'a'.repeat(20_000);
    await laptop.invoke('drafts.set', { conversation, text: long });
    await laptop.invoke('typing.set', { conversation, typing: false });
    await laptop.invoke('conversations.pin', { conversation, pinned: true });
    await eventually(async () => expect((await view(desktop, conversation)).pinnedAt).not.toBeNull());
    expect((await view(desktop, conversation)).draft).toBeNull();
    expect((await view(laptop, conversation)).draft).toBe(long);
  });
});

describe('notes to self', () => {
  test('notes are the same conversation on both devices, with every note read at once', async () => {
    const { laptop, desktop } = await twoDevices();
    const notes = await laptop.invoke('conversations.notes');
    expect(notes).toMatchObject({ notes: true, title: 'Notes to self', kind: 'direct', peer: null, unread: 0 });
    await eventually(async () => expect((await desktop.invoke('conversations.notes')).id).toBe(notes.id));
    await laptop.invoke('messages.send', { conversation: notes.id, text: 'milk' });
    await eventually(async () => expect(await texts(desktop, notes.id)).toEqual(['milk']));
    await shows(desktop, notes.id, { unread: 0, preview: { text: 'milk', own: true, state: 'read' } as never });
    const page = await laptop.invoke('messages.page', {
      conversation: notes.id,
      anchor: { at: 'latest' },
      limit: 10,
    });
    expect(page.messages.map(({ state }) => state)).toEqual(['read']);
  });

  test('what devices tell each other is no note: not shown, not counted, and no reason to list empty notes', async () => {
    const { laptop, desktop, conversation } = await twoDevices();
    const notes = await laptop.invoke('conversations.notes');
    await laptop.invoke('conversations.pin', { conversation, pinned: true });
    await eventually(async () => expect((await view(desktop, conversation)).pinnedAt).not.toBeNull());
    expect(await texts(desktop, notes.id)).toEqual([]);
    for (const device of [laptop, desktop]) {
      expect((await view(device, notes.id)).preview).toBeNull();
      expect((await device.invoke('conversations.list', {})).map(({ id }) => id)).toEqual([conversation]);
      expect((await device.invoke('conversations.notes')).failed).toBe(0);
    }
    await laptop.invoke('messages.send', { conversation: notes.id, text: 'a note' });
    expect((await laptop.invoke('conversations.list', {})).map(({ notes }) => notes)).toEqual([false, true]);
  });
});

test('the way files take follows the account, what is fetched by itself stays with the computer', async () => {
  const { laptop, desktop } = await twoDevices();
  const before = await desktop.invoke('media.settings');
  const changed = record(desktop, 'media.settings-changed');
  const autoDownload = { ...before.autoDownload, video: 7 };
  await laptop.invoke('media.set-settings', { path: 'relay', autoDownload });
  await eventually(async () => expect((await desktop.invoke('media.settings')).path).toBe('relay'));
  expect((await desktop.invoke('media.settings')).autoDownload).toEqual(before.autoDownload);
  expect((await laptop.invoke('media.settings')).autoDownload).toEqual(autoDownload);
  expect(changed.map(({ path }) => path)).toEqual(['relay']);
});

describe('away from the relay', () => {
  test('changes made offline on both devices meet when both are back: the last in the log stands for each', async () => {
    const { laptop, desktop, conversation } = await twoDevices();
    await eventually(async () => expect((await desktop.invoke('conversations.notes')).notes).toBe(true));
    await laptop.stop();
    await desktop.stop();
    const first = await offline(laptop);
    await first.invoke('conversations.pin', { conversation, pinned: true });
    await first.invoke('conversations.mute', { conversation, mute: { forMs: null } });
    await first.invoke('drafts.set', { conversation, text: 'from the laptop' });
    expect(await view(first, conversation)).toMatchObject({ muted: true, draft: 'from the laptop' });
    await first.stop();
    const second = await offline(desktop);
    await second.invoke('conversations.mute', { conversation, mute: { forMs: null } });
    await second.invoke('conversations.mute', { conversation, mute: null });
    await second.stop();

    const laptopBack = await again(laptop);
    await eventually(async () => expect(await sharedValues()).toBeGreaterThanOrEqual(1));
    const desktopBack = await again(desktop);
    await shows(desktopBack, conversation, { draft: 'from the laptop' });
    const { pinnedAt } = await view(laptopBack, conversation);
    await shows(desktopBack, conversation, { pinnedAt });
    // What the person did last on the desktop was to end the mute.
    await shows(laptopBack, conversation, { muted: false, draft: 'from the laptop' });
    await shows(desktopBack, conversation, { muted: false });

    async function sharedValues(): Promise<number> {
      const { id } = await laptopBack.invoke('conversations.notes');
      return (await view(laptopBack, id)).head;
    }
  });

  test.each(['account_values', 'conversation_marks', 'messages'])(
    'a history whose %s are damaged loses neither values of the log nor changes that wait',
    async (table) => {
      const { laptop, desktop, bob, conversation } = await twoDevices();
      const carol = await openPerson(relay.address, 'carol');
      const other = await converse(carol, laptop);
      await laptop.invoke('conversations.pin', { conversation, pinned: true });
      await laptop.invoke('drafts.set', { conversation: other, text: 'shared' });
      await laptop.invoke('typing.set', { conversation: other, typing: false });
      await shows(desktop, other, { draft: 'shared' });
      await eventually(async () => expect((await view(desktop, conversation)).pinnedAt).not.toBeNull());
      await bob.invoke('messages.send', { conversation, text: 'something to hold' });
      await eventually(async () => expect(await texts(laptop, conversation)).toHaveLength(1));
      await laptop.stop();
      const away = await offline(laptop);
      await away.invoke('conversations.mute', { conversation, mute: { forMs: null } });
      await away.invoke('drafts.set', { conversation, text: 'typed away' });
      await away.stop();
      await desktop.invoke('drafts.set', { conversation: other, text: 'newer, from the desktop' });
      await desktop.invoke('typing.set', { conversation: other, typing: false });
      damageRoot(join(accountFolder(laptop.dataDir), 'parley.db'), table);

      const back = await again(laptop);
      for (const device of [back, desktop]) {
        await shows(device, conversation, { muted: true, draft: 'typed away' });
        await shows(device, other, { draft: 'newer, from the desktop' });
      }
      const { pinnedAt } = await view(desktop, conversation);
      expect(pinnedAt).not.toBeNull();
      await shows(back, conversation, { pinnedAt });
    },
  );

  test('a change made before the conversation with oneself could be made goes out once it is', async () => {
    const away = () => Promise.reject(new ParleyError('relay_unreachable', { message: 'Away.' }));
    const http: HttpClient = (request) => (request.path === paths.conversations ? away() : httpClient(request));
    const laptop = await openPerson(relay.address, 'alice', { http });
    const bob = await openPerson(relay.address, 'bob');
    const conversation = await converse(bob, laptop);
    await laptop.invoke('conversations.pin', { conversation, pinned: true });
    await expect(laptop.invoke('conversations.notes')).rejects.toMatchObject({ code: 'relay_unreachable' });
    await laptop.stop();
    const back = await again(laptop);
    const { pinnedAt } = await view(back, conversation);
    expect(pinnedAt).not.toBeNull();
    const desktop = await openPerson(relay.address, 'alice', { known: true });
    await shows(desktop, conversation, { pinnedAt });
  });
});
