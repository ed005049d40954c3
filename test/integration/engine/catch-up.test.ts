/** Large histories: catching up is fast, leaves the screens responsive, and opening again is quick. */
import { performance } from 'node:perf_hooks';
import { expect, onTestFinished, test } from 'vitest';
import { converse, eventually, fillLog, online, openPerson, record } from '../../support/engine-people.ts';
import { startRelay } from '../../support/start-relay.ts';

test('20,000 missed messages are stored and indexed at more than 5,000 a second, and pages are answered meanwhile', async () => {
  const relay = await startRelay();
  onTestFinished(() => relay.stop());
  const alice = await openPerson(relay.address, 'alice');
  const bob = await openPerson(relay.address, 'bob');
  const conversation = await converse(alice, bob);
  await bob.stop();
  await fillLog(relay, conversation, alice, 20_000);

  const began = performance.now();
  const back = await openPerson(relay.address, 'bob', { dataDir: bob.dataDir, known: true });
  const states = record(back, 'connection.changed');
  const waits: number[] = [];
  await eventually(async () => {
    const asked = performance.now();
    await back.invoke('messages.page', { conversation, anchor: { at: 'latest' }, limit: 50 });
    waits.push(performance.now() - asked);
    const { state } = await back.invoke('connection.get');
    expect(state).toBe('online');
  }, 30_000);
  const rate = 20_000 / ((performance.now() - began) / 1_000);
  waits.sort((one, other) => one - other);
  console.log(`caught up at ${Math.round(rate)} messages/s; pages p50 ${waits[waits.length >> 1]?.toFixed(1)} ms, worst ${waits.at(-1)?.toFixed(1)} ms`);

  expect(rate).toBeGreaterThan(5_000);
  expect(waits.at(-1)).toBeLessThan(250);
  expect(states.some((view) => view.state === 'syncing' && view.total === 20_000)).toBe(true);
  const view = await back.invoke('conversations.get', { conversation });
  expect(view).toMatchObject({ unread: 20_000, head: 20_000 });
  const [hit] = await back.invoke('messages.search', { query: 'message 12345' });
  expect(hit?.message.seq).toBe(12_345);
}, 60_000);

test('a history of 100,000 messages opens and pages in well under 100 ms', async () => {
  const relay = await startRelay();
  onTestFinished(() => relay.stop());
  const alice = await openPerson(relay.address, 'alice');
  const bob = await openPerson(relay.address, 'bob');
  const conversation = await converse(alice, bob);
  await alice.stop();
  await bob.stop();
  const began = performance.now();
  await fillLog(relay, conversation, alice, 100_000);
  const filled = performance.now();
  const first = await openPerson(relay.address, 'bob', { dataDir: bob.dataDir, known: true });
  await online(first);
  await eventually(async () => expect((await first.invoke('conversations.get', { conversation })).unread).toBe(100_000), 30_000);
  const caught = performance.now();
  await first.stop();
  await relay.stop();

  const closed = performance.now();
  const bobAgain = await openPerson(relay.address, 'bob', { dataDir: bob.dataDir, known: true });
  const opened = performance.now();
  const page = await bobAgain.invoke('messages.page', { conversation, anchor: { at: 'latest' }, limit: 50 });
  const paged = performance.now();
  const middle = await bobAgain.invoke('messages.page', { conversation, anchor: { at: 'older', than: 50_000 }, limit: 50 });
  const pagedBack = performance.now();
  await bobAgain.invoke('conversations.list', {});
  const listed = performance.now();
  await bobAgain.invoke('messages.search', { query: 'lazy dog' });
  const searched = performance.now();
  console.log(
    `100,000 messages: log filled in ${(filled - began).toFixed(0)} ms, caught up in ${(caught - filled).toFixed(0)} ms; ` +
      `open ${(opened - closed).toFixed(0)} ms, latest page ${(paged - opened).toFixed(1)} ms, middle page ${(pagedBack - paged).toFixed(1)} ms, ` +
      `list ${(listed - pagedBack).toFixed(1)} ms, search ${(searched - listed).toFixed(1)} ms`,
  );
  expect(page.messages.at(-1)?.seq).toBe(100_000);
  expect(middle.messages.at(-1)?.seq).toBe(49_999);
  expect(opened - closed).toBeLessThan(1_000);
  expect(paged - opened).toBeLessThan(100);
  expect(listed - pagedBack).toBeLessThan(100);
}, 120_000);
