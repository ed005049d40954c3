/** Two relays on one database append to the same conversations at once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createId, type ConversationId, type MessageId } from '../../../protocol/index.ts';
import type { AppendOutcome, NewMessage, Store } from '../../../signaling-server/ports/store.ts';
import { newMessage } from '../../contracts/store-log.ts';
import { Random } from '../../rig/random.ts';
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts';
import { addPair, openStore, readLog, type Pair } from '../../support/postgres-stores.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
});
afterAll(() => server.stop());

const rounds = 25;
const seed = 20_261_123;

async function databaseAt(isolation: string): Promise<string> {
  const url = await server.createDatabase();
  const name = new URL(url).pathname.slice(1);
  await server.run(`ALTER DATABASE ${name} SET default_transaction_isolation = '${isolation}'`);
  return url;
}

interface Told {
  readonly message: NewMessage;
  readonly outcome: AppendOutcome;
}

/** Groups of new messages to any of the pairs, with ids in them that were sent before, maybe to the other relay. */
async function sendGroups(store: Store, pairs: readonly Pair[], sent: NewMessage[], random: Random): Promise<Told[]> {
  const told: Told[] = [];
  for (let round = 0; round < rounds; round++) {
    const group = Array.from({ length: random.between(1, 12) }, () => {
      if (sent.length > 0 && random.chance(0.25)) return random.pick(sent);
      const { anna, ben, conversation } = random.pick(pairs);
      return newMessage(random.pick([anna, ben]), conversation);
    });
    sent.push(...group);
    const outcomes = await store.log.append(group, 1_000 + round);
    group.forEach((message, index) => told.push({ message, outcome: outcomes[index] as AppendOutcome }));
  }
  return told;
}

describe.each([
  ['read committed', 'all at once'],
  ['serializable', 'all at once'],
  ['read committed', 'key by key'],
])('two relays that append at once, %s, %s', (isolation, manner) => {
  const engine = { writesAcrossKeys: manner === 'all at once' };
  it('number each conversation without gaps, store each id once and tell everybody the same', async () => {
    const url = await databaseAt(isolation);
    const [near, far] = [await openStore(url, { engine }), await openStore(url, { engine })];
    const pairs = [await addPair(near), await addPair(near), await addPair(near)];
    const sent: NewMessage[] = [];
    const told = await Promise.all([
      sendGroups(near, pairs, sent, new Random(seed)),
      sendGroups(far, pairs, sent, new Random(seed + 1)),
    ]);

    const seqs = new Map<MessageId, number>();
    for (const { conversation } of pairs) {
      const log = await readLog(far, conversation);
      expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
      expect(new Set(log.map(({ id }) => id)).size).toBe(log.length);
      const times = log.map(({ time }) => time);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      log.forEach(({ id, seq }) => seqs.set(id, seq));
    }
    for (const { message, outcome } of told.flat()) {
      expect(outcome).toMatchObject({ seq: seqs.get(message.id) });
    }
    const accepted = told.flat().filter(({ outcome }) => outcome.state === 'accepted');
    expect(accepted.length).toBe(seqs.size);
    expect(told.flat().filter(({ outcome }) => outcome.state === 'repeated').length).toBeGreaterThan(0);
  });

  it('keep the order in which each relay was asked', async () => {
    const url = await databaseAt(isolation);
    const stores = [await openStore(url, { engine }), await openStore(url, { engine })];
    const pair = await addPair(stores[0] as Store);
    const told = await Promise.all(
      stores.map(async (store) => {
        const messages = Array.from({ length: 60 }, () => newMessage(pair.anna, pair.conversation));
        const outcomes = await Promise.all(messages.map((message) => store.log.append([message], 1_000)));
        return outcomes.map(([outcome]) => (outcome?.state === 'accepted' ? outcome.seq : 0));
      }),
    );
    for (const seqs of told) expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    expect(new Set(told.flat())).toEqual(new Set(Array.from({ length: 120 }, (_, index) => index + 1)));
  });

  it('move cursors to the greatest that any of them was told', async () => {
    const url = await databaseAt(isolation);
    const [near, far] = [await openStore(url, { engine }), await openStore(url, { engine })];
    const { anna, ben, conversation } = await addPair(near);
    await near.log.append(
      Array.from({ length: 40 }, () => newMessage(anna, conversation)),
      1,
    );
    const move = (store: Store, read: number) => store.conversations.advance([{ conversation, user: ben.user, read }]);
    const seqs = Array.from({ length: 40 }, (_, index) => index + 1);
    await Promise.all(seqs.flatMap((seq) => [move(near, seq), move(far, 41 - seq)]));
    const kept = await far.conversations.get(conversation, anna.user);
    expect(kept?.cursors.find(({ user }) => user === ben.user)).toEqual({ user: ben.user, delivered: 40, read: 40 });
  });
});

it('a relay that knew the members of before asks for them again when the epoch has changed', async () => {
  const url = await databaseAt('read committed');
  const [near, far] = [await openStore(url), await openStore(url)];
  const { anna, ben, conversation } = await addPair(near);
  await near.log.append([newMessage(anna, conversation)], 1);
  await far.log.append([newMessage(anna, conversation)], 1);
  await leave(url, conversation, ben.user);
  const [stale, known] = [newMessage(anna, conversation), newMessage(anna, conversation, { epoch: 2 })];
  expect(await far.log.append([stale, known, newMessage(ben, conversation, { epoch: 2 })], 2)).toMatchObject([
    { state: 'refused', code: 'stale_epoch', epoch: 2 },
    { state: 'accepted', seq: 3, members: [anna.user] },
    { state: 'refused', code: 'not_found' },
  ]);
  expect((await readLog(near, conversation)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(await near.conversations.advance([{ conversation, user: anna.user, read: 3 }])).toMatchObject([
    { members: [anna.user] },
  ]);
});

/** As a change of a group's members will do it: the epoch rises in the same commit. */
async function leave(url: string, conversation: ConversationId, user: string): Promise<void> {
  await server.run(
    `UPDATE conversations SET epoch = 2 WHERE conversation_id = '${conversation}';
     DELETE FROM members WHERE conversation_id = '${conversation}' AND user_id = '${user}';`,
    url,
  );
}

it('takes a message id that was made before others which are stored already', async () => {
  const url = await databaseAt('read committed');
  const store = await openStore(url);
  const { anna, conversation } = await addPair(store);
  const early = createId<MessageId>(Date.now() - 60_000);
  await store.log.append([newMessage(anna, conversation)], 1);
  expect(await store.log.append([newMessage(anna, conversation, { id: early })], 2)).toMatchObject([{ seq: 2 }]);
});
