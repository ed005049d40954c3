/** What becomes of messages when the connection to the database, or the database itself, goes away. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { blobIdSchema } from '../../../protocol/index.ts';
import type { NewMessage } from '../../../signaling-server/ports/store.ts';
import { newAccount } from '../../contracts/store-accounts.ts';
import { newMessage } from '../../contracts/store-log.ts';
import { openCutProxy } from '../../support/cut-proxy.ts';
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts';
import { addPair, atPort, openStore, readLog, type Pair } from '../../support/postgres-stores.ts';
import { hashOf } from '../../support/relay-core.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

/** Resolves once the database has so many messages in all. */
async function stored(url: string, count: number): Promise<void> {
  await vi.waitFor(
    async () => expect(await server.run('SELECT count(*)::int AS n FROM log', url)).toEqual([{ n: count }]),
    10_000,
  );
}

async function behindProxy() {
  const url = await server.createDatabase();
  const proxy = await openCutProxy(server.port);
  const store = await openStore(atPort(url, proxy.port));
  const pair = await addPair(store);
  await store.log.append([newMessage(pair.anna, pair.conversation)], 1);
  return { url, proxy, store, pair };
}

it('a commit whose answer is lost comes out as accepted, with the members who are to be told', async () => {
  const { url, proxy, store, pair } = await behindProxy();
  const { anna, ben, conversation } = pair;
  const messages = [newMessage(anna, conversation), newMessage(ben, conversation)];
  proxy.holdAnswers();
  const appended = store.log.append(messages, 2);
  await stored(url, 3);
  proxy.cut();
  proxy.releaseAnswers();
  const members = [anna.user, ben.user].sort();
  const outcomes = await appended;
  expect(outcomes).toMatchObject([
    { state: 'accepted', seq: 2 },
    { state: 'accepted', seq: 3 },
  ]);
  for (const outcome of outcomes) expect('members' in outcome && [...outcome.members].sort()).toEqual(members);
  expect((await readLog(store, conversation)).map(({ id }) => id).slice(1)).toEqual(messages.map(({ id }) => id));
  await proxy.close();
});

it('an id that another device had stored before comes out as repeated, also when the answer is lost', async () => {
  const { url, proxy, store, pair } = await behindProxy();
  const { anna, conversation } = pair;
  const before = newMessage(anna, conversation);
  await store.log.append([before], 2);
  const again: NewMessage = { ...before, payload: new Uint8Array([9, 9]) };
  const fresh = newMessage(anna, conversation);
  proxy.holdAnswers();
  const appended = store.log.append([fresh], 3);
  const repeated = store.log.append([again, newMessage(anna, conversation)], 3);
  await stored(url, 3);
  proxy.cut();
  proxy.releaseAnswers();
  expect(await appended).toMatchObject([{ state: 'accepted', seq: 3 }]);
  expect(await repeated).toMatchObject([
    { state: 'repeated', seq: 2 },
    { state: 'accepted', seq: 4 },
  ]);
  await proxy.close();
});

it('a connection that is cut before anything was sent over it costs nobody anything', async () => {
  const { proxy, store, pair } = await behindProxy();
  proxy.cut();
  const { anna, conversation } = pair;
  expect(await store.log.append([newMessage(anna, conversation)], 2)).toMatchObject([{ state: 'accepted', seq: 2 }]);
  proxy.cut();
  expect(await store.conversations.listOf(anna.user)).toHaveLength(1);
  await proxy.close();
});

it('an account whose commit was not answered is there, and its name is not taken by itself', async () => {
  const { url, proxy, store } = await behindProxy();
  const held = proxy.holdAnswersAfter('commit');
  const account = newAccount('carla', { email: 'carla@example.org' });
  const made = store.accounts.create(account);
  await held;
  await vi.waitFor(async () =>
    expect(await server.run("SELECT 1 FROM users WHERE username = 'carla'", url)).toHaveLength(1),
  );
  proxy.cut();
  proxy.releaseAnswers();
  await made;
  expect(await store.accounts.byUsername('carla')).toMatchObject({ id: account.id, email: 'carla@example.org' });
  await expect(store.accounts.create(newAccount('carla'))).rejects.toMatchObject({ code: 'username_taken' });
  await proxy.close();
});

it('cursors whose move was not answered are told to the members all the same', async () => {
  const { url, proxy, store, pair } = await behindProxy();
  const { anna, ben, conversation } = pair;
  const move = { conversation, user: ben.user, read: 1 };
  proxy.holdAnswers();
  const moved = store.conversations.advance([move]);
  await vi.waitFor(async () => expect(await server.run('SELECT 1 FROM members WHERE read = 1', url)).toHaveLength(1));
  proxy.cut();
  proxy.releaseAnswers();
  const [outcome] = await moved;
  expect(outcome).toMatchObject({ state: 'advanced', cursor: { user: ben.user, delivered: 1, read: 1 } });
  expect(outcome?.state === 'advanced' && [...outcome.members].sort()).toEqual([anna.user, ben.user].sort());
  expect(await store.conversations.advance([move])).toEqual([null]);
  await proxy.close();
});

it('sessions and blobs whose end was not answered come out as ended', async () => {
  const { url, proxy, store, pair } = await behindProxy();
  const { anna, conversation } = pair;
  const blob = blobIdSchema.parse(randomBytes(32).toString('hex'));
  const hold = { conversation, blob, user: anna.user, bytes: 10, at: 7 };

  async function withoutAnswer<T>(act: () => Promise<T>, seen: string): Promise<T> {
    const held = proxy.holdAnswersAfter('commit');
    const acted = act();
    await held;
    await vi.waitFor(async () => expect(await server.run(seen, url)).toHaveLength(1), 10_000);
    proxy.cut();
    proxy.releaseAnswers();
    return acted;
  }

  await store.blobs.begin(hold, { quotaBytes: null, uploads: 9 });
  const completed = withoutAnswer(() => store.blobs.complete(hold, 7), 'SELECT 1 FROM blob_holds WHERE at = 7');
  expect(await completed).toEqual([conversation]);
  expect(await store.blobs.usedBy(anna.user)).toBe(10);
  const released = withoutAnswer(() => store.blobs.release(hold), 'SELECT 1 FROM blobs WHERE removable');
  expect(await released).toBe(true);
  expect(await store.blobs.usedBy(anna.user)).toBe(0);
  const revoked = withoutAnswer(
    () => store.devices.revoke(anna.user, [anna.device], { erase: true }),
    'SELECT 1 FROM revoked_tokens',
  );
  expect(await revoked).toEqual([anna.device]);
  expect(await store.devices.isToErase(hashOf(anna.token))).toBe(true);
  await proxy.close();
});

it('says at once that it is unavailable while the database is away, and goes on by itself when it is back', async () => {
  const url = await server.createDatabase();
  const store = await openStore(url);
  const { anna, conversation } = await addPair(store);
  await store.log.append([newMessage(anna, conversation)], 1);
  await server.kill9();
  const since = performance.now();
  const unavailable = { code: 'unavailable', retryAfterMs: expect.any(Number) as number };
  await expect(store.log.append([newMessage(anna, conversation)], 2)).rejects.toMatchObject(unavailable);
  await expect(store.accounts.byId(anna.user)).rejects.toMatchObject(unavailable);
  await expect(store.conversations.advance([{ conversation, user: anna.user, read: 1 }])).rejects.toMatchObject(
    unavailable,
  );
  await expect(store.ping()).rejects.toMatchObject(unavailable);
  expect(performance.now() - since).toBeLessThan(10_000);
  await server.restart();
  await store.ping();
  expect(await store.log.append([newMessage(anna, conversation)], 3)).toMatchObject([{ state: 'accepted', seq: 2 }]);
});

it('loses nothing that was confirmed and stores nothing twice when the database is killed under load', async () => {
  const url = await server.createDatabase();
  const stores = [await openStore(url), await openStore(url)];
  const pairs: Pair[] = [];
  for (const store of stores) pairs.push(await addPair(store));
  const confirmed = new Map<string, number>();
  const tried = new Set<string>();
  let isOver = false;

  const sending = stores.map(async (store) => {
    for (let round = 0; !isOver; round++) {
      const group = pairs.flatMap(({ anna, ben, conversation }) => [
        newMessage(anna, conversation),
        newMessage(ben, conversation),
      ]);
      group.forEach(({ id }) => tried.add(id));
      // As a device does: the same again until there is an answer.
      for (let outcomes = null; outcomes === null;) {
        outcomes = await store.log.append(group, 1_000 + round).catch(() => null);
        outcomes?.forEach((outcome, index) => {
          if ('seq' in outcome) confirmed.set(group[index]?.id ?? '', outcome.seq);
        });
      }
    }
  });
  for (let kills = 1; kills <= 3; kills++) {
    const goal = confirmed.size + 40;
    await vi.waitFor(() => expect(confirmed.size).toBeGreaterThan(goal), 20_000);
    await server.kill9();
    await server.restart();
  }
  isOver = true;
  await Promise.all(sending);

  const found = new Map<string, number>();
  for (const { conversation } of pairs) {
    const log = await readLog(stores[0] as (typeof stores)[0], conversation);
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
    for (const { id, seq } of log) {
      expect(found.has(id)).toBe(false);
      found.set(id, seq);
    }
  }
  expect(confirmed.size).toBe(tried.size);
  expect(found).toEqual(confirmed);
});
