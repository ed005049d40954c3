/** A relay on a database in which some conversations are stuck: the others go on, and the stuck ones do once they can. */
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createId, type ConversationId, type MessageId } from '../../../protocol/index.ts';
import { hashUuid } from '../../../signaling-server/adapters/postgres/uuid-hash.ts';
import type { PostgresStore } from '../../../signaling-server/adapters/postgres/postgres-store.ts';
import type { Log } from '../../../signaling-server/ports/log.ts';
import { openCutProxy } from '../../support/cut-proxy.ts';
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts';
import { addPair, atPort, openStore, readLog, type Pair } from '../../support/postgres-stores.ts';
import { message, type RelayClient } from '../../support/relay-client.ts';
import { silentLog, startRelayCore, type RelayCore } from '../../support/relay-core.ts';

let server: PostgresServer;
let url: string;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  url = await server.createDatabase();
});
afterAll(() => server.stop());

let relay: RelayCore | undefined;
afterEach(() => relay?.stop());

/** A conversation, both of whose members are connected. */
interface Talk extends Pair {
  readonly sender: RelayClient;
  readonly receiver: RelayClient;
}

/** @param count of conversations, of which the first is in a lane of its own. */
async function startTalks(store: PostgresStore, count: number): Promise<[Talk, Talk, ...Talk[]]> {
  relay = await startRelayCore({ wrapStore: () => store });
  const first = await addPair(store);
  const talks = [await talk(relay, first)];
  while (talks.length < count) {
    const pair = await addPair(store);
    if (laneOf(store, pair.conversation) !== laneOf(store, first.conversation)) talks.push(await talk(relay, pair));
  }
  return talks as [Talk, Talk, ...Talk[]];
}

const laneOf = (store: PostgresStore, conversation: ConversationId) => store.lanes?.laneOf(conversation);

async function talk(core: RelayCore, pair: Pair): Promise<Talk> {
  const [sender, receiver] = [await core.hello(pair.anna), await core.hello(pair.ben)];
  await Promise.all([sender.sync(), receiver.sync()]);
  return { ...pair, sender, receiver };
}

/** Holds the conversation's row, or those of its members, as a relay that hangs in a transaction would. */
async function holdRow({ conversation }: Pair, table = 'conversations'): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('BEGIN');
  await client.query(`SELECT 1 FROM ${table} WHERE conversation_id = $1 FOR UPDATE`, [conversation]);
  return async () => void (await client.query('ROLLBACK'));
}

const answer = (id: MessageId) => (frame: { type: string; id?: unknown }) =>
  (frame.type === 'accepted' || frame.type === 'refused') && frame.id === id;

describe('while a conversation is stuck', () => {
  it('others send and hear, what was sent to it is refused with "try again", and all is well once it is not', async () => {
    const store = await openStore(url);
    const [stuck, ...others] = await startTalks(store, 12);
    const letGo = await holdRow(stuck);
    const ids = [createId<MessageId>(), createId<MessageId>()];
    // In one turn with the others: all of them are in the group that gets stuck.
    stuck.sender.send(...ids.map((id, index) => message(stuck.conversation, `stuck ${index}`, id)));
    const firsts = await Promise.all(others.map(({ sender, conversation }) => sender.say(conversation, 'beside it')));
    expect(new Set(firsts.map(({ type }) => type))).toEqual(new Set(['accepted']));
    // Lanes that are well do not wait any more.
    for (let round = 0; round < 20; round++) {
      const since = performance.now();
      const answers = await Promise.all(others.map(({ sender, conversation }) => sender.say(conversation, 'on')));
      expect(answers.map((each) => each.type)).toEqual(others.map(() => 'accepted'));
      expect(performance.now() - since).toBeLessThan(1_000);
    }
    for (const { receiver, conversation } of others) {
      await receiver.until(() => receiver.delivered(conversation).length === 21);
      expect(receiver.delivered(conversation)).toEqual(Array.from({ length: 21 }, (_, index) => index + 1));
    }
    const refusals = [];
    for (const id of ids) refusals.push(await stuck.sender.find(answer(id), 15_000));
    expect(refusals).toMatchObject(ids.map((id) => ({ type: 'refused', id, code: 'unavailable' })));
    await letGo();
    const again = await Promise.all(ids.map((id, index) => stuck.sender.say(stuck.conversation, `stuck ${index}`, id)));
    expect(again).toMatchObject([{ seq: 1 }, { seq: 2 }]);
    expect((await readLog(store, stuck.conversation)).map(({ id }) => id)).toEqual(ids);
    await stuck.receiver.until(() => stuck.receiver.delivered(stuck.conversation).length === 2);
  });

  it('those in its very lane are not stored out of order, nor twice', async () => {
    const store = await openStore(url);
    const [stuck, other] = await startTalks(store, 2);
    const letGo = await holdRow(stuck);
    const ids = Array.from({ length: 5 }, () => createId<MessageId>());
    for (const id of ids) {
      stuck.sender.send(message(stuck.conversation, 'waits', id));
      await other.sender.say(other.conversation, 'goes on');
    }
    await letGo();
    for (const id of ids) {
      const told = await stuck.sender.find(answer(id), 15_000);
      if (told.type === 'refused') await stuck.sender.say(stuck.conversation, 'waits', id);
    }
    const log = await readLog(store, stuck.conversation);
    expect(log.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(log.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('while cursors of a conversation are stuck', () => {
  it('others move theirs, and the stuck ones once they can', async () => {
    const store = await openStore(url);
    const talks = await startTalks(store, 8);
    const [stuck, ...others] = talks;
    await Promise.all(talks.map(({ sender, conversation }) => sender.say(conversation, 'read this')));
    const letGo = await holdRow(stuck, 'members');
    for (const { receiver, conversation } of talks) receiver.send({ type: 'cursor', conversation, read: 1 });
    for (const { sender, ben } of others) {
      expect(await sender.next('cursors', 15_000)).toMatchObject({ cursors: [{ user: ben.user, read: 1 }] });
    }
    const refusal = { type: 'error', code: 'unavailable', conversation: stuck.conversation };
    expect(await stuck.receiver.next('error', 15_000)).toMatchObject(refusal);
    await letGo();
    stuck.receiver.send({ type: 'cursor', conversation: stuck.conversation, read: 1 });
    expect(await stuck.sender.next('cursors')).toMatchObject({ cursors: [{ user: stuck.ben.user, read: 1 }] });
  });
});

describe('a group whose answer was lost', () => {
  it('comes out right when it is tried again in parts: each message is there once and its sender is told', async () => {
    const proxy = await openCutProxy(Number(new URL(url).port));
    onTestFinished(() => proxy.close());
    const warn = vi.fn<Log['warn']>();
    const store = await openStore(atPort(url, proxy.port), { statementTimeoutMs: 300, log: { ...silentLog, warn } });
    const talks = await startTalks(store, 6);
    await Promise.all(talks.map(({ sender, conversation }) => sender.say(conversation, 'first')));
    const heard = proxy.holdAnswersAfter('append');
    const ids = talks.map(() => createId<MessageId>());
    talks.forEach(({ sender, conversation }, index) => sender.send(message(conversation, 'second', ids[index])));
    await heard;
    // Some are stored, and the relay gives up waiting to hear of it.
    await vi.waitFor(() => expect(warn).toHaveBeenCalledWith('database.failed', expect.anything()), 10_000);
    proxy.releaseAnswers();
    for (const [index, { sender, receiver, conversation }] of talks.entries()) {
      const id = ids[index] as MessageId;
      expect(await sender.find(answer(id), 15_000)).toMatchObject({ type: 'accepted', seq: 2 });
      expect((await readLog(store, conversation)).map(({ seq }) => seq)).toEqual([1, 2]);
      await receiver.until(
        () => receiver.delivered(conversation).includes(2) || receiver.all('conversations').length > 0,
      );
    }
  });
});

describe('lanes', () => {
  it('are ranges of the hash by which the database itself spreads ids', async () => {
    const store = await openStore(url);
    const ids = Array.from({ length: 200 }, () => createId<ConversationId>());
    const rows = await server.run(
      `SELECT uuid_hash(id::uuid) AS hash, floor((uuid_hash(id::uuid)::bigint + 2147483648) / 268435456.0)::int AS lane
       FROM unnest('{${ids.join(',')}}'::text[]) WITH ORDINALITY AS asked (id, place) ORDER BY place`,
      url,
    );
    expect(ids.map(hashUuid)).toEqual(rows.map(({ hash }) => hash));
    expect(ids.map((id) => laneOf(store, id))).toEqual(rows.map(({ lane }) => lane));
    expect(new Set(rows.map(({ lane }) => lane)).size).toBe(store.lanes?.count);
  });
});
