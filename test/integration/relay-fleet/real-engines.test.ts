/** Two nodes over real PostgreSQL and NATS: people on different nodes chat on, whichever of the two dies. */
import { expect, onTestFinished, test } from 'vitest';
import type { ConversationId } from '../../../protocol/index.ts';
import { converse, eventually, openPerson, texts, type Person } from '../../support/engine-people.ts';
import { startNats } from '../../support/nats-server.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import { startRelay } from '../../support/start-relay.ts';

/** Servers start again and caches fill on a machine that runs other tests, too. */
const patienceMs = 30_000;

async function startNodes() {
  const [nats, postgres] = await Promise.all([startNats(), startPostgres()]);
  onTestFinished(async () => {
    await Promise.all([nats.stop(), postgres.stop()]);
  });
  const store = await postgres.createDatabase();
  const node = async (): Promise<string> => {
    const relay = await startRelay({ config: { store, bus: [nats.url] } });
    onTestFinished(() => relay.stop());
    return relay.address;
  };
  const alice = await openPerson(await node(), 'alice');
  const bob = await openPerson(await node(), 'bob');
  return { nats, postgres, alice, bob, conversation: await converse(alice, bob) };
}

async function say(person: Person, conversation: ConversationId, said: readonly string[]): Promise<void> {
  for (const text of said) await person.invoke('messages.send', { conversation, text });
}

test('messages go on without NATS, and without PostgreSQL wait for it; nobody is thrown out, and both sides have the same', async () => {
  const { nats, postgres, alice, bob, conversation } = await startNodes();
  const links: string[] = [];
  for (const person of [alice, bob]) person.on('connection.changed', ({ state }) => links.push(state));
  let expected = 0;
  const both = async (count: number): Promise<void> => {
    expected += count;
    await eventually(async () => {
      const [here, there] = [await texts(alice, conversation), await texts(bob, conversation)];
      expect(here).toHaveLength(expected);
      expect(there).toEqual(here);
    }, patienceMs);
  };

  await Promise.all([say(alice, conversation, ['a1', 'a2', 'a3']), say(bob, conversation, ['b1', 'b2', 'b3'])]);
  await both(6);

  await nats.kill9();
  await Promise.all([say(alice, conversation, ['a4', 'a5']), say(bob, conversation, ['b4', 'b5'])]);
  await both(4);
  await nats.restart();
  await say(alice, conversation, ['a6']);
  await both(1);

  await postgres.kill9();
  await Promise.all([say(alice, conversation, ['a7', 'a8']), say(bob, conversation, ['b7'])]);
  expect(await texts(alice, conversation)).toHaveLength(expected + 2);
  expect(await texts(bob, conversation)).toHaveLength(expected + 1);
  await postgres.restart();
  await both(3);
  expect(links).not.toContain('waiting');
}, 120_000);
