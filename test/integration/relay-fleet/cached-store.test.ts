/** What nodes remember of a store that is away: short-lived, forgotten everywhere on a change, and no danger when nobody tells. */
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createId, ParleyError, type UserId } from '../../../protocol/index.ts';
import { createCachedStore } from '../../../signaling-server/adapters/cache/cached-store.ts';
import { openSqliteStore, type SqliteStore } from '../../../signaling-server/adapters/sqlite/sqlite-store.ts';
import { silentMetrics } from '../../../signaling-server/observe/silent-metrics.ts';
import type { Store } from '../../../signaling-server/ports/store.ts';
import { createLinkedBuses, type LinkedBuses } from '../../support/linked-buses.ts';
import { message } from '../../support/relay-client.ts';
import {
  addConversation,
  addPerson,
  hashOf,
  silentLog,
  temporaryDirectory,
  type TestDevice,
} from '../../support/relay-core.ts';

const lifeMs = 10_000;

let dataDir: string;
let truth: SqliteStore;
let buses: LinkedBuses;
/** Two nodes' stores over the one. */
let near: Store;
let far: Store;
let now: number;
let isAway: boolean;
/** Questions that got through to the store. */
let asked: string[];
let anna: TestDevice;
let ben: TestDevice;

beforeEach(async () => {
  dataDir = temporaryDirectory();
  truth = await openSqliteStore({ dataDir, clock: Date.now, log: silentLog, metrics: silentMetrics });
  buses = createLinkedBuses(2, () => now);
  [now, isAway, asked] = [1_000_000, false, []];
  [near, far] = buses.nodes.map((bus) => {
    return createCachedStore(watched(truth), { bus, clock: () => now, metrics: silentMetrics, lifeMs });
  }) as [Store, Store];
  [anna, ben] = [await addPerson(truth), await addPerson(truth)];
});
afterEach(async () => {
  await truth.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Writes down what is asked, and is away when the test says so. */
function watched(store: Store): Store {
  function watch<A extends unknown[], R>(name: string, ask: (...input: A) => Promise<R>) {
    return async (...input: A): Promise<R> => {
      if (isAway) throw new ParleyError('unavailable', { message: 'The database is away.' });
      asked.push(name);
      return ask(...input);
    };
  }
  const { accounts, devices, conversations } = store;
  return {
    ...store,
    accounts: { ...accounts, profiles: watch('profiles', accounts.profiles) },
    devices: { ...devices, byToken: watch('byToken', devices.byToken) },
    conversations: {
      ...conversations,
      get: watch('get', conversations.get),
      contactsAmong: watch('contactsAmong', conversations.contactsAmong),
    },
  };
}

const tokenOf = (device: TestDevice) => hashOf(device.token);

describe('what is remembered', () => {
  it('spares the store the same question, for as long as it lives', async () => {
    for (let count = 0; count < 3; count++) {
      expect((await near.devices.byToken(tokenOf(anna)))?.device.id).toBe(anna.device);
      expect(await near.accounts.profiles([ben.user, anna.user, ben.user])).toEqual([ben.profile, anna.profile]);
    }
    expect(asked).toEqual(['byToken', 'profiles']);
    now += lifeMs;
    await near.devices.byToken(tokenOf(anna));
    await near.accounts.profiles([anna.user]);
    expect(asked).toHaveLength(4);
  });

  it('does not outlive a clock that is set back', async () => {
    await near.devices.byToken(tokenOf(anna));
    now -= 1;
    await near.devices.byToken(tokenOf(anna));
    expect(asked).toEqual(['byToken', 'byToken']);
  });

  it('is never that somebody is not there', async () => {
    const user = createId<UserId>();
    const token = hashOf('later');
    expect(await near.devices.byToken(token)).toBeNull();
    expect(await near.accounts.profiles([user])).toEqual([]);
    const device = { id: createId<TestDevice['device']>(), user: anna.user, name: 'New', platform: 'test' };
    await far.devices.create({ ...device, createdAt: 1, lastActiveAt: 1, tokenHash: token });
    expect((await near.devices.byToken(token))?.device.id).toBe(device.id);
  });

  it('of a conversation will do where its head does, and only for its members', async () => {
    const conversation = await addConversation(truth, anna, ben);
    const cleo = await addPerson(truth);
    expect((await near.conversations.get(conversation, anna.user, 0))?.head).toBe(0);
    expect((await near.conversations.get(conversation, ben.user, 0))?.head).toBe(0);
    expect(asked).toEqual(['get']);
    const { id, payload } = message(conversation, 'one');
    await far.log.append(
      [{ conversation, id, user: anna.user, device: anna.device, epoch: 0, kind: 'content', payload }],
      1,
    );
    expect((await near.conversations.get(conversation, anna.user, 1))?.head).toBe(1);
    expect((await near.conversations.get(conversation, anna.user, 1))?.head).toBe(1);
    expect(asked).toHaveLength(2);
    expect(await near.conversations.get(conversation, cleo.user, 0)).toBeNull();
  });

  it('of a conversation is no answer to who asks how it is now', async () => {
    const conversation = await addConversation(truth, anna, ben);
    await near.conversations.get(conversation, anna.user, 0);
    await far.conversations.openDirect({ id: createId(), members: [anna.user, anna.user], now: 1 });
    await near.conversations.get(conversation, anna.user);
    await near.conversations.get(conversation, anna.user);
    expect(asked).toEqual(['get', 'get', 'get']);
  });
});

describe('who knows whom', () => {
  it('is asked again for everybody who is not remembered as a contact, so that a new one is known at once', async () => {
    const cleo = await addPerson(truth);
    await addConversation(truth, anna, ben);
    const ask = () => near.conversations.contactsAmong(anna.user, [cleo.user, ben.user]);
    expect(await ask()).toEqual([ben.user]);
    await addConversation(truth, anna, cleo);
    expect(await ask()).toEqual([cleo.user, ben.user]);
    expect(await ask()).toEqual([cleo.user, ben.user]);
    expect(await near.conversations.contactsAmong(anna.user, [ben.user])).toEqual([ben.user]);
    expect(asked).toEqual(['contactsAmong', 'contactsAmong']);
    isAway = true;
    now += lifeMs;
    expect(await ask()).toEqual([cleo.user, ben.user]);
  });
});

describe('a session that ends', () => {
  const comesIn = async (store: Store) => (await store.devices.byToken(tokenOf(anna))) !== null;

  it('ends at once on all nodes, as does one of an account that is disabled', async () => {
    expect([await comesIn(near), await comesIn(far)]).toEqual([true, true]);
    await near.accounts.update(anna.user, { disabled: true });
    expect([await comesIn(near), await comesIn(far)]).toEqual([false, false]);
    await far.accounts.update(anna.user, { disabled: false });
    expect([await comesIn(near), await comesIn(far)]).toEqual([true, true]);
    await far.devices.revoke(anna.user, [anna.device]);
    expect([await comesIn(near), await comesIn(far)]).toEqual([false, false]);
  });

  it('lives no longer than what is remembered does, on a node that hears nothing', async () => {
    await comesIn(far);
    buses.nodes[1]?.cut();
    await near.devices.revoke(anna.user, [anna.device]);
    now += lifeMs - 1;
    expect(await comesIn(far)).toBe(true);
    now += 1;
    expect(await comesIn(far)).toBe(false);
  });

  it('is found out at once by a node that hears again', async () => {
    await comesIn(far);
    buses.nodes[1]?.cut();
    await near.devices.revoke(anna.user, [anna.device]);
    buses.nodes[1]?.mend();
    expect(await comesIn(far)).toBe(false);
  });

  it('is not remembered by a question that was under way when it ended', async () => {
    const under = near.devices.byToken(tokenOf(anna));
    await far.devices.revoke(anna.user, [anna.device]);
    await under;
    expect(await comesIn(near)).toBe(false);
  });
});

describe('a changed name', () => {
  it('is known on all nodes at once', async () => {
    await far.accounts.profiles([anna.user]);
    await near.accounts.update(anna.user, { displayName: 'Anna the Second' });
    for (const store of [near, far]) {
      expect(await store.accounts.profiles([anna.user])).toMatchObject([{ displayName: 'Anna the Second' }]);
    }
  });
});

describe('while the store is away', () => {
  it('names and memberships are as last heard of, and sessions for a minute at most', async () => {
    const conversation = await addConversation(truth, anna, ben);
    await near.accounts.profiles([anna.user]);
    await near.conversations.get(conversation, anna.user, 0);
    await near.devices.byToken(tokenOf(anna));
    isAway = true;
    now += 59_000;
    expect(await near.accounts.profiles([anna.user])).toEqual([anna.profile]);
    expect((await near.conversations.get(conversation, anna.user, 0))?.id).toBe(conversation);
    expect((await near.devices.byToken(tokenOf(anna)))?.device.id).toBe(anna.device);
    now += 1_000;
    await expect(near.devices.byToken(tokenOf(anna))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(near.accounts.profiles([anna.user, ben.user])).rejects.toMatchObject({ code: 'unavailable' });
    await expect(near.conversations.get(conversation, anna.user)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(near.conversations.get(conversation, anna.user, 1)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('a session that was ended before is not believed', async () => {
    await near.devices.byToken(tokenOf(anna));
    await far.devices.revoke(anna.user, [anna.device]);
    isAway = true;
    await expect(near.devices.byToken(tokenOf(anna))).rejects.toMatchObject({ code: 'unavailable' });
  });
});
