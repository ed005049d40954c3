/** The relay goes, the engine goes, either is killed: what was typed arrives, once and in order. */
import { expect, onTestFinished, test } from 'vitest';
import { allMessages, temporaryFolder } from '../../support/engine-client.ts';
import { converse, eventually, online, openPerson, record, texts } from '../../support/engine-people.ts';
import { spawnSender } from '../../support/engine-sender.ts';
import { spawnRelay, startRelay } from '../../support/start-relay.ts';

test('messages typed while the relay is down leave in order when it is back', async () => {
  const dataDir = await temporaryFolder();
  const relay = await startRelay({ dataDir });
  const alice = await openPerson(relay.address, 'alice');
  const bob = await openPerson(relay.address, 'bob');
  const conversation = await converse(alice, bob);
  const faults = record(alice, 'connection.changed');
  await relay.stop();
  await eventually(async () => expect((await alice.invoke('connection.get')).state).toBe('waiting'));
  for (const text of ['one', 'two', 'three']) await alice.invoke('messages.send', { conversation, text });
  expect((await allMessages(alice, conversation)).map(({ state }) => state)).toEqual(['queued', 'queued', 'queued']);
  const waiting = faults.find((view) => view.state === 'waiting');
  expect(waiting).toMatchObject({ fault: { message: expect.stringMatching(/\w+ \w+/) as string } });

  const back = await startRelay({ dataDir, port: relay.port });
  onTestFinished(() => back.stop());
  await alice.invoke('connection.retry');
  await bob.invoke('connection.retry');
  await eventually(async () => expect(await texts(bob, conversation)).toEqual(['one', 'two', 'three']));
  await eventually(async () =>
    expect((await allMessages(alice, conversation)).map(({ state }) => state)).toEqual(Array(3).fill('delivered')),
  );
});

test('an outbox survives the end of the engine', async () => {
  const dataDir = await temporaryFolder();
  const relay = await startRelay({ dataDir });
  const alice = await openPerson(relay.address, 'alice');
  const bob = await openPerson(relay.address, 'bob');
  const conversation = await converse(alice, bob);
  await relay.stop();
  const typed = Array.from({ length: 40 }, (_, index) => `m${index}`);
  for (const text of typed) await alice.invoke('messages.send', { conversation, text });
  await alice.invoke('drafts.set', { conversation, text: 'half a thought' });
  await alice.stop();

  const back = await startRelay({ dataDir, port: relay.port });
  onTestFinished(() => back.stop());
  const again = await openPerson(back.address, 'alice', { dataDir: alice.dataDir, known: true });
  await bob.invoke('connection.retry');
  await eventually(async () => expect(await texts(bob, conversation)).toEqual(typed));
  expect((await again.invoke('conversations.get', { conversation })).draft).toBe('half a thought');
});

test('an engine killed while sending delivers everything exactly once after its restart', async () => {
  const relay = await startRelay();
  onTestFinished(() => relay.stop());
  const alice = await openPerson(relay.address, 'alice');
  const bob = await openPerson(relay.address, 'bob');
  const conversation = await converse(alice, bob);
  await alice.stop();
  const typed = Array.from({ length: 120 }, (_, index) => `k${index}`);

  const sender = await spawnSender({ dataDir: alice.dataDir, address: relay.address, conversation, texts: typed });
  await eventually(async () => expect((await texts(bob, conversation)).length).toBeGreaterThan(15));
  await sender.kill();
  const arrivedBeforeRestart = (await texts(bob, conversation)).length;
  const again = await openPerson(relay.address, 'alice', { dataDir: alice.dataDir, known: true });
  await eventually(async () => {
    const shown = await allMessages(again, conversation);
    expect(shown.every(({ state }) => state !== 'queued')).toBe(true);
    expect(await texts(bob, conversation)).toEqual(typed.slice(0, shown.length));
    const keptButNotTold = shown.length - sender.confirmed().length;
    expect([0, 1]).toContain(keptButNotTold);
  });
  expect(arrivedBeforeRestart).toBeLessThan(typed.length);
}, 60_000);

test('a relay that is killed and comes back has lost nothing that was confirmed', async () => {
  const dataDir = await temporaryFolder();
  const relay = await spawnRelay({ dataDir });
  const alice = await openPerson(relay.address, 'alice');
  const bob = await openPerson(relay.address, 'bob');
  const conversation = await converse(alice, bob);
  const typed = Array.from({ length: 60 }, (_, index) => `r${index}`);
  for (const text of typed.slice(0, 40)) await alice.invoke('messages.send', { conversation, text });
  await eventually(async () => expect((await texts(bob, conversation)).length).toBeGreaterThan(5));
  await relay.kill();
  for (const text of typed.slice(40)) await alice.invoke('messages.send', { conversation, text });
  const back = await spawnRelay({ dataDir, port: relay.port });
  onTestFinished(async () => void (await back.stop()));
  await eventually(async () => {
    await alice.invoke('connection.retry');
    await bob.invoke('connection.retry');
    expect(await texts(bob, conversation)).toEqual(typed);
  });
  await online(alice);
  expect(await texts(alice, conversation)).toEqual(typed);
}, 60_000);
