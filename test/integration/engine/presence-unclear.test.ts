/** Presence while the relay's nodes cannot ask one another: a real relay on a real NATS server, which dies and comes back. */
import { expect, onTestFinished, test } from 'vitest';
import { converse, eventually, online, openPerson, texts } from '../../support/engine-people.ts';
import { startNats } from '../../support/nats-server.ts';
import { startRelay } from '../../support/start-relay.ts';

test('who is elsewhere or nowhere is unclear, who is on the same node is online, and all is well once the bus is back', async () => {
  const nats = await startNats();
  onTestFinished(() => nats.stop());
  const relay = await startRelay({ config: { bus: [nats.url] } });
  onTestFinished(() => relay.stop());
  const [alice, bob, cleo] = await Promise.all(['alice', 'bob', 'cleo'].map((name) => openPerson(relay.address, name)));
  if (!alice || !bob || !cleo) throw new Error('Somebody is missing.');
  await converse(alice, bob);
  const withCleo = await converse(alice, cleo);
  const [bobsId, cleosId] = [await idOf(bob), await idOf(cleo)];
  const states = async () => {
    const views = await alice.invoke('presence.watch', { users: [bobsId, cleosId] });
    return views.map(({ state }) => state);
  };
  await eventually(async () => expect(await states()).toEqual(['online', 'online']));
  await bob.stop();
  await eventually(async () => expect(await states()).toEqual(['offline', 'online']));

  await nats.kill9();
  await eventually(async () => expect(await states()).toEqual(['unclear', 'online']));
  await alice.invoke('messages.send', { conversation: withCleo, text: 'still here?' });
  await eventually(async () => expect(await texts(cleo, withCleo)).toEqual(['still here?']));

  await nats.restart();
  await eventually(async () => expect(await states()).toEqual(['offline', 'online']));
  await online(await openPerson(relay.address, 'bob', { dataDir: bob.dataDir, known: true }));
  await eventually(async () => expect(await states()).toEqual(['online', 'online']));
});

async function idOf(person: Awaited<ReturnType<typeof openPerson>>) {
  const session = await person.invoke('session.get');
  if (session.state !== 'signed-in') throw new Error('Not signed in.');
  return session.account.id;
}
