/** The catalogue of segments in PostgreSQL, and how messages leave the log there. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createId, type ConversationId, type Envelope } from '../../../protocol/index.ts';
import { schemaVersion } from '../../../signaling-server/adapters/postgres/migrations.ts';
import { newMessage } from '../../contracts/store-log.ts';
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts';
import { addPair, openStore, readLog } from '../../support/postgres-stores.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
});
afterAll(() => server.stop());

function segmentOf(conversation: ConversationId, messages: readonly Envelope[]) {
  const ids = messages.map(({ id }) => id).sort();
  return {
    conversation,
    firstSeq: messages[0]?.seq ?? 0,
    lastSeq: messages.at(-1)?.seq ?? 0,
    object: `segment-${messages[0]?.seq}`,
    bytes: 1_000,
    hash: randomBytes(32),
    link: randomBytes(32),
    leastId: ids[0] ?? createId(),
    greatestId: ids.at(-1) ?? createId(),
    notedAt: 5,
  };
}

it('notes segments once, finds them by seq and by id, and takes their messages out of the log', async () => {
  const url = await server.createDatabase();
  const [near, far] = [await openStore(url), await openStore(url)];
  const { anna, conversation } = await addPair(near);
  await near.log.append(
    Array.from({ length: 30 }, () => newMessage(anna, conversation)),
    1,
  );
  const log = await readLog(near, conversation);
  const [one, two] = [segmentOf(conversation, log.slice(0, 10)), segmentOf(conversation, log.slice(10, 20))];
  expect(await near.cold.any()).toBe(false);
  expect([await near.cold.note(one), await far.cold.note(one), await far.cold.note(two)]).toEqual([true, false, true]);
  expect(await near.cold.any()).toBe(true);
  expect(await far.cold.last(conversation)).toEqual({ ...two, pruned: false });
  expect(await far.cold.holding(conversation, 10)).toEqual({ ...one, pruned: false });
  expect(await far.cold.holding(conversation, 21)).toBeNull();
  expect(await near.cold.mayHold(conversation, two.leastId)).toEqual([{ ...two, pruned: false }]);
  expect(await near.cold.last(createId<ConversationId>())).toBeNull();

  await Promise.all([near.cold.prune(conversation, 1), far.cold.prune(conversation, 1)]);
  await near.cold.prune(conversation, 1);
  await near.cold.prune(conversation, 999);
  expect(await far.cold.holding(conversation, 1)).toMatchObject({ pruned: true });
  expect((await readLog(far, conversation)).map(({ seq }) => seq)).toEqual(log.slice(10).map(({ seq }) => seq));
  expect(await near.conversations.get(conversation, anna.user)).toMatchObject({ head: 30 });
  expect(await far.log.append([newMessage(anna, conversation)], 2)).toMatchObject([{ state: 'accepted', seq: 31 }]);
});

it('takes out more messages than one commit does', async () => {
  const store = await openStore(await server.createDatabase());
  const { anna, conversation } = await addPair(store);
  for (let group = 0; group < 3; group++) {
    await store.log.append(
      Array.from({ length: 900 }, () => newMessage(anna, conversation)),
      group,
    );
  }
  const log = await readLog(store, conversation);
  await store.cold.note(segmentOf(conversation, log.slice(0, 2_500)));
  await store.cold.prune(conversation, 1);
  expect((await readLog(store, conversation)).map(({ seq }) => seq)).toEqual(log.slice(2_500).map(({ seq }) => seq));
});

it('walks through all conversations by id', async () => {
  const store = await openStore(await server.createDatabase());
  const ids: ConversationId[] = [];
  for (let count = 0; count < 5; count++) ids.push((await addPair(store)).conversation);
  const first = await store.cold.conversations(null, 3);
  const rest = await store.cold.conversations(first.at(-1) ?? null, 3);
  expect([...first, ...rest]).toEqual(ids.sort());
});

it('comes to a database of the version before', async () => {
  const url = await server.createDatabase();
  await (await openStore(url)).close();
  await server.run("DROP TABLE cold_segments; UPDATE meta SET value = '1' WHERE key = 'schema_version'", url);
  const stores = await Promise.all([openStore(url), openStore(url), openStore(url)]);
  expect(stores.map((store) => store.schemaVersion)).toEqual(stores.map(() => schemaVersion));
  expect(await stores[1]?.cold.any()).toBe(false);
});
