/** Two devices of one person and one of another at a real relay: they prove to hold the same, and mend what does not. */
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { SyncStatus } from '../../../bridge/views.ts';
import type { ConversationId } from '../../../protocol/index.ts';
import { sealedText, temporaryFolder } from '../../support/engine-client.ts';
import { withHistory } from '../../support/engine-history.ts';
import {
  converse,
  eventually,
  fillLog,
  online,
  openPerson,
  record,
  texts,
  type Person,
} from '../../support/engine-people.ts';
import { startRelay, type TestRelay, type TestRelayOptions } from '../../support/start-relay.ts';

interface World {
  readonly relay: TestRelay;
  readonly conversation: ConversationId;
  readonly ann: Person;
  readonly second: Person;
  readonly ben: Person;
}

const messages = 600;

/** Everybody online and holding everything. */
async function world(options: TestRelayOptions = {}): Promise<World> {
  const relay = await startRelay(options);
  onTestFinished(() => relay.stop());
  const ann = await openPerson(relay.address, 'ann');
  const ben = await openPerson(relay.address, 'ben');
  const conversation = await converse(ann, ben);
  await fillLog(relay, conversation, ben, messages);
  const { address } = relay;
  const second = await openPerson(address, 'ann', { known: true, device: { name: 'Laptop', platform: 'linux' } });
  for (const [number, person] of [ann, second, ben].entries()) {
    await eventually(() => person.invoke('messages.send', { conversation, text: `from device ${number}` }));
  }
  for (const person of [ann, second, ben]) await holds(person, conversation, messages + 3);
  return { relay, conversation, ann, second, ben };
}

async function holds(person: Person, conversation: ConversationId, count: number): Promise<void> {
  await eventually(async () => expect((await person.invoke('sync.status', { conversation })).seq).toBe(count));
}

/** Looks anew, and waits for what comes of it, until that fits. */
function checked(
  person: Person,
  conversation: ConversationId,
  fits: (status: SyncStatus) => void,
): Promise<SyncStatus> {
  return eventually(async () => {
    const told = record(person, 'sync.changed');
    await person.invoke('sync.check', { conversation });
    const status = await eventually(() => {
      const last = told.findLast((each) => each.conversation === conversation);
      if (!last || !['same', 'different', 'unknown'].includes(last.state)) throw new Error('It is looking still.');
      return last;
    });
    fits(status);
    return status;
  });
}

test('all devices of all members show that they hold the same', async () => {
  const { conversation, ann, second, ben } = await world();
  for (const person of [ann, second, ben]) {
    await checked(person, conversation, ({ state }) => expect(state).toBe('same'));
  }
  const status = await checked(ann, conversation, ({ state, devices }) => {
    expect(state).toBe('same');
    expect(devices.map(({ seq }) => seq)).toEqual([messages + 3, messages + 3, messages + 3]);
  });
  expect(status).toMatchObject({ problem: null, repair: null, from: 1, head: messages + 3 });
  const shown = status.devices.map(({ device, name, person, current, state }) => ({
    ...{ device, name, current, state },
    who: person.username,
  }));
  expect(shown).toHaveLength(3);
  expect(shown).toEqual(
    expect.arrayContaining([
      { device: ann.device, name: 'Headless client', current: true, state: 'same', who: 'ann' },
      { device: second.device, name: 'Laptop', current: false, state: 'same', who: 'ann' },
      { device: ben.device, name: null, current: false, state: 'same', who: 'ben' },
    ]),
  );
});

test('a device whose history was changed finds out, mends itself and tells; the others see it differ until then', async () => {
  const { relay, conversation, ann, second, ben } = await world();
  const before = await texts(ann, conversation);
  await ben.invoke('sync.check', { conversation });
  await second.stop();
  withHistory(second.dataDir, (database) => {
    const key = database.prepare('SELECT key FROM conversations WHERE id = ?').pluck().get(conversation);
    const forged = Buffer.from(sealedText('something else'));
    database.prepare('UPDATE messages SET payload = ? WHERE conversation = ? AND seq = 301').run(forged, key);
    database.prepare('DELETE FROM messages WHERE conversation = ? AND seq = 17').run(key);
  });
  const again = await openPerson(relay.address, 'ann', { known: true, dataDir: second.dataDir });
  await online(again);
  const told = record(again, 'sync.changed');
  await again.invoke('sync.check', { conversation });
  const mended = await checked(again, conversation, ({ state, repair }) => {
    expect(state).toBe('same');
    expect(repair?.done).toBeGreaterThanOrEqual(1);
  });
  expect(mended.problem).toBeNull();
  expect(told.map(({ state }) => state)).toContain('repairing');
  expect(await texts(again, conversation)).toEqual(before);
  await checked(ann, conversation, ({ state, devices }) => {
    expect(state).toBe('same');
    expect(devices.every((device) => device.state === 'same')).toBe(true);
  });
});

test('a relay whose log was changed behind its back is found out by a new device; those that have the messages keep them', async () => {
  const dataDir = await temporaryFolder();
  const first = await world({ dataDir });
  const { conversation, ann, relay } = first;
  const before = await texts(ann, conversation);
  await checked(ann, conversation, ({ state }) => expect(state).toBe('same'));
  await relay.stop();
  const database = new Sqlite(join(dataDir, 'relay.db'), { fileMustExist: true });
  database.prepare('UPDATE log SET payload = ? WHERE seq = 100').run(Buffer.from(sealedText('forged')));
  database.close();

  const changed = await startRelay({ dataDir, port: relay.port });
  onTestFinished(() => changed.stop());
  await online(ann);
  await checked(ann, conversation, ({ state, problem }) =>
    expect({ state, problem }).toEqual({ state: 'same', problem: null }),
  );
  expect(await texts(ann, conversation)).toEqual(before);
  const fresh = await openPerson(changed.address, 'ann', { known: true });
  await holds(fresh, conversation, messages + 3);
  const status = await checked(fresh, conversation, ({ state }) => expect(state).toBe('different'));
  expect(status.problem?.code).toBe('diverged');
  const seen = await checked(ann, conversation, ({ state }) => expect(state).toBe('different'));
  expect(seen.problem?.code).toBe('device_differs');
  expect(seen.devices.find(({ device }) => device === fresh.device)).toMatchObject({ state: 'different' });
});
