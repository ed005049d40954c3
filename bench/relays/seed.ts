/** Fills a relay's data directory with people in pairs, and with history, through the relay's own store. */
import { createHash } from 'node:crypto';
import { openSqliteStore } from '../../signaling-server/adapters/sqlite/sqlite-store.ts';
import { silentMetrics } from '../../signaling-server/observe/silent-metrics.ts';
import type { Log } from '../../signaling-server/ports/log.ts';
import type { NewMessage, Store } from '../../signaling-server/ports/store.ts';
import { createId, type ConversationId, type DeviceId, type MessageId, type UserId } from '../../protocol/index.ts';
import { samplePayload } from '../load/load-client.ts';
import type { LoadPerson } from '../load/people.ts';

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const group = 1_000;

/** Opens the store of a data directory, hands it to `fill`, and closes it again. */
export async function withStore<T>(dataDir: string, fill: (store: Store) => Promise<T>): Promise<T> {
  const store = await openSqliteStore({ dataDir, clock: Date.now, log: silent, metrics: silentMetrics });
  try {
    return await fill(store);
  } finally {
    await store.close();
  }
}

/** Pairs made side by side: a store that is a network away answers many at once. */
const pairsAtOnce = 16;

/** Makes `count` people (even), each with one device and a direct conversation with the neighbour. */
export async function seedPeople(store: Store, count: number): Promise<LoadPerson[]> {
  const people: LoadPerson[] = [];
  for (let pair = 0; pair < count / 2; pair += pairsAtOnce) {
    const pairs = Array.from({ length: Math.min(pairsAtOnce, count / 2 - pair) }, (_, at) =>
      seedPair(store, pair + at),
    );
    people.push(...(await Promise.all(pairs)).flat());
  }
  return people;
}

async function seedPair(store: Store, pair: number): Promise<LoadPerson[]> {
  const users = [await seedUser(store, pair * 2), await seedUser(store, pair * 2 + 1)] as const;
  const members = [users[0].user, users[1].user] as const;
  const { conversation } = await store.conversations.openDirect({
    id: createId<ConversationId>(),
    members,
    now: Date.now(),
  });
  return users.map((person) => ({ ...person, conversation: conversation.id }));
}

/** Gives the conversation of `person` this many messages, sent by `sender` in equal parts of groups. */
export async function seedHistory(store: Store, sender: LoadPerson, messages: number): Promise<void> {
  const payload = samplePayload(120);
  for (let at = 0; at < messages; at += group) {
    const rows = Array.from({ length: Math.min(group, messages - at) }, () => newMessage(sender, payload));
    await store.log.append(rows, Date.now());
  }
}

/** Gives a user this many conversations with others, each with messages that the other wrote, the last one the newest. */
export async function seedAcquaintances(
  store: Store,
  user: UserId,
  conversations: number,
  messagesEach: number,
): Promise<void> {
  const payload = samplePayload(120);
  const begun = Date.now() - conversations * messagesEach;
  for (let index = 0; index < conversations; index++) {
    const other = await seedUser(store, index);
    const id = createId<ConversationId>();
    const { conversation } = await store.conversations.openDirect({ id, members: [user, other.user], now: begun });
    const sender = { ...other, conversation: conversation.id };
    const rows = Array.from({ length: messagesEach }, () => newMessage(sender, payload));
    await store.log.append(rows, begun + index * messagesEach);
  }
}

function newMessage(sender: LoadPerson, payload: Uint8Array): NewMessage {
  const { conversation, user, device } = sender;
  return { conversation, user, device, id: createId<MessageId>(), epoch: 0, kind: 'content', payload };
}

async function seedUser(store: Store, index: number): Promise<Omit<LoadPerson, 'conversation'>> {
  const user = createId<UserId>();
  const device = createId<DeviceId>();
  const token = `bench-${index}-${user}`;
  const now = Date.now();
  const username = `person-${index}`;
  const account = { id: user, username, displayName: `Person ${index}`, email: null, phone: null };
  await store.accounts.create({ ...account, passwordHash: 'no password', createdAt: now });
  const tokenHash = createHash('sha256').update(token).digest();
  await store.devices.create({
    id: device,
    user,
    name: 'bench',
    platform: 'linux',
    createdAt: now,
    lastActiveAt: now,
    tokenHash,
  });
  return { user, device, token };
}
