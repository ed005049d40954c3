/** Two people and their devices chat through a real relay. */
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { ConversationId } from '../../../protocol/index.ts';
import { allMessages } from '../../support/engine-client.ts';
import { converse, eventually, online, openPerson, record, texts, type Person } from '../../support/engine-people.ts';
import { startRelay, type TestRelay } from '../../support/start-relay.ts';

let relay: TestRelay;
let alice: Person;
let bob: Person;
let conversation: ConversationId;

beforeEach(async () => {
  relay = await startRelay();
  onTestFinished(() => relay.stop());
  alice = await openPerson(relay.address, 'alice');
  bob = await openPerson(relay.address, 'bob');
  conversation = await converse(alice, bob);
});

test('messages go both ways and stand in the same order on both sides', async () => {
  for (let turn = 0; turn < 10; turn++) {
    await alice.invoke('messages.send', { conversation, text: `a${turn}` });
    await bob.invoke('messages.send', { conversation, text: `b${turn}` });
  }
  await eventually(async () => {
    const [here, there] = [await texts(alice, conversation), await texts(bob, conversation)];
    expect(here).toHaveLength(20);
    expect(there).toEqual(here);
    expect((await allMessages(alice, conversation)).every(({ seq }) => seq !== null)).toBe(true);
  });
  const order = await texts(alice, conversation);
  expect(order.filter((text) => text.startsWith('a'))).toEqual(Array.from({ length: 10 }, (_, turn) => `a${turn}`));
  expect(order.filter((text) => text.startsWith('b'))).toEqual(Array.from({ length: 10 }, (_, turn) => `b${turn}`));
});

test('ticks go from queued over sent and delivered to read', async () => {
  await bob.stop();
  const states = record(alice, 'messages.changed');
  const { id, state } = await alice.invoke('messages.send', { conversation, text: 'are you there?' });
  expect(state).toBe('queued');
  const stateNow = async () => (await allMessages(alice, conversation)).find((message) => message.id === id)?.state;
  await eventually(async () => expect(await stateNow()).toBe('sent'));
  const back = await openPerson(relay.address, 'bob', { dataDir: bob.dataDir, known: true });
  await eventually(async () => expect(await stateNow()).toBe('delivered'));
  await back.invoke('conversations.mark-read', { conversation, seq: 1 });
  await eventually(async () => expect(await stateNow()).toBe('read'));
  // States that follow one another quickly are told as one; none comes back.
  const order = ['queued', 'sent', 'delivered', 'read'];
  await eventually(() => {
    const told = states.flatMap(({ messages }) => messages.map((message) => order.indexOf(message.state)));
    expect(told.at(-1)).toBe(order.indexOf('read'));
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });
});

test('unread counts, notifications and the read mark follow the person over two devices', async () => {
  const phone = await openPerson(relay.address, 'bob', { known: true });
  await online(phone);
  const arrived: string[] = [];
  const read: string[] = [];
  const totals: number[] = [];
  phone.guest.on('message.arrived', ({ title, text }) => arrived.push(`${title}: ${text}`));
  phone.guest.on('conversation.read', ({ conversation: id }) => read.push(id));
  phone.guest.on('unread.changed', ({ total }) => totals.push(total));
  await alice.invoke('messages.send', { conversation, text: 'one' });
  await alice.invoke('messages.send', { conversation, text: 'two' });
  await eventually(() => expect(arrived).toEqual(['Alice: one', 'Alice: two']));
  await eventually(async () => expect((await bob.invoke('conversations.get', { conversation })).unread).toBe(2));
  const page = await bob.invoke('messages.page', { conversation, anchor: { at: 'first-unread' } });
  expect(page.firstUnread).toBe(page.messages[0]?.id);

  await eventually(() => expect(totals.at(-1)).toBe(2));
  await bob.invoke('conversations.mark-read', { conversation, seq: 2 });
  await eventually(async () => expect((await phone.invoke('conversations.get', { conversation })).unread).toBe(0));
  await eventually(() => expect(totals.at(-1)).toBe(0));
  expect(read).toEqual([conversation]);
  expect((await phone.invoke('messages.page', { conversation, anchor: { at: 'latest' } })).firstUnread).toBeNull();
});

test('what one device of an account sends appears on the other as own', async () => {
  const phone = await openPerson(relay.address, 'alice', { known: true });
  await online(phone);
  await alice.invoke('messages.send', { conversation, text: 'from the desk' });
  await eventually(async () => {
    const [message] = await allMessages(phone, conversation);
    expect(message).toMatchObject({ own: true, state: 'delivered', content: { kind: 'text', text: 'from the desk' } });
  });
  const view = await phone.invoke('conversations.get', { conversation });
  expect(view).toMatchObject({ unread: 0, preview: { own: true, text: 'from the desk' } });
});

test('typing shows on the other side and ends with the message', async () => {
  const typing = record(bob, 'typing.changed');
  await online(alice);
  await alice.invoke('typing.set', { conversation, typing: true });
  await eventually(() => expect(typing.at(-1)?.people.map(({ username }) => username)).toEqual(['alice']));
  await alice.invoke('messages.send', { conversation, text: 'done' });
  await eventually(() => expect(typing.at(-1)?.people).toEqual([]));
});

test('presence is watched, flips with the other side, and is unknown without a connection', async () => {
  const presence = record(alice, 'presence.changed');
  await online(alice);
  await alice.invoke('presence.watch', { users: [bob.id] });
  const stateOfBob = () =>
    presence
      .flat()
      .filter(({ user }) => user === bob.id)
      .at(-1)?.state;
  await eventually(() => expect(stateOfBob()).toBe('online'));
  await bob.stop();
  await eventually(() => expect(stateOfBob()).toBe('offline'));
  await relay.stop();
  await eventually(() => expect(stateOfBob()).toBe('unknown'));
});

test('replies show whom and what they answer, and a search finds them', async () => {
  const first = await alice.invoke('messages.send', { conversation, text: 'Grüße aus München' });
  await eventually(async () => expect(await texts(bob, conversation)).toHaveLength(1));
  await bob.invoke('messages.send', { conversation, text: 'danke', replyTo: first.id });
  await eventually(async () => {
    const reply = (await allMessages(alice, conversation)).at(-1);
    expect(reply?.content).toMatchObject({
      replyTo: { id: first.id, excerpt: 'Grüße aus München', sender: { username: 'alice' } },
    });
  });
  const [hit] = await bob.invoke('messages.search', { query: 'munchen' });
  expect(hit?.excerpt).toEqual(['Grüße aus ', 'München', '']);
  expect(hit?.conversationTitle).toBe('Alice');
});

test('a changed name reaches those who watch the person', async () => {
  await online(alice);
  await alice.invoke('presence.watch', { users: [bob.id] });
  await bob.invoke('account.update', { displayName: 'Robert' });
  expect(await bob.invoke('session.get')).toMatchObject({ account: { displayName: 'Robert' } });
  await eventually(async () =>
    expect((await alice.invoke('conversations.get', { conversation })).title).toBe('Robert'),
  );
});

test('people are found by exact name and by prefix, and oneself never', async () => {
  expect((await alice.invoke('people.search', { query: 'BOB' })).map(({ username }) => username)).toEqual(['bob']);
  expect((await alice.invoke('people.search', { query: 'bo' })).map(({ username }) => username)).toEqual(['bob']);
  expect(await alice.invoke('people.search', { query: 'alice' })).toEqual([]);
});
