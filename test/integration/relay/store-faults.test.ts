/** A store that fails: what was not stored is refused by name, nothing else breaks, and memory stays true. */
import { silentMetrics } from '../../../signaling-server/observe/silent-metrics.ts';
import Database from 'better-sqlite3';
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createId, ParleyError, type ConversationId, type MessageId } from '../../../protocol/index.ts';
import { openSqliteStore, type SqliteStore } from '../../../signaling-server/adapters/sqlite/sqlite-store.ts';
import { message } from '../../support/relay-client.ts';
import {
  addConversation,
  addPerson,
  silentLog,
  startRelayCore,
  temporaryDirectory,
  type TestDevice,
} from '../../support/relay-core.ts';

afterEach(() => vi.restoreAllMocks());

describe('a commit that fails', () => {
  let dataDir: string;
  let store: SqliteStore;
  let anna: TestDevice;
  let conversation: ConversationId;
  /** The store's own connection, to set limits on. */
  let db: Database.Database;

  beforeEach(async () => {
    dataDir = temporaryDirectory();
    const pragma = vi.spyOn(Database.prototype, 'pragma');
    store = await openSqliteStore({ dataDir, clock: Date.now, log: silentLog, metrics: silentMetrics });
    const main = pragma.mock.contexts.find((each) => (each as Database.Database).name === store.file);
    if (!main) throw new Error('The store opened no database.');
    db = main as Database.Database;
    anna = await addPerson(store);
    conversation = await addConversation(store, anna, await addPerson(store));
  });
  afterEach(async () => {
    await store.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const row = (size = 10, id = createId<MessageId>()) => {
    return {
      ...message(conversation, '', id),
      payload: new Uint8Array(size),
      user: anna.user,
      device: anna.device,
      kind: 'content',
    };
  };
  const everything = { from: 1, to: 1e9, limit: 1e6, maxBytes: 1e9 };

  it('because the disk is full is named so, changes nothing, and leaves memory as it was', async () => {
    await store.log.append(
      Array.from({ length: 100 }, () => row()),
      1,
    );
    await store.conversations.advance([{ conversation, user: anna.user, delivered: 50 }]);
    const before = await store.conversations.get(conversation, anna.user);
    const pages = db.pragma('page_count', { simple: true }) as number;
    db.pragma(`max_page_count = ${pages + 2}`);
    const group = Array.from({ length: 200 }, () => row(5_000));
    const [append, advance] = await Promise.allSettled([
      store.log.append(group, 2),
      store.conversations.advance([{ conversation, user: anna.user, read: 90 }]),
    ]);
    expect(append).toMatchObject({ status: 'rejected', reason: { code: 'storage_full' } });
    expect(advance).toMatchObject({ status: 'rejected', reason: { code: 'storage_full' } });
    expect(await store.conversations.get(conversation, anna.user)).toEqual(before);
    expect(await store.log.read(conversation, everything)).toHaveLength(100);

    db.pragma('max_page_count = 1000000');
    const outcomes = await store.log.append(group, 3);
    expect(outcomes.map((outcome) => outcome.state === 'accepted' && outcome.seq)).toEqual(
      group.map((_, index) => 101 + index),
    );
    const stored = await store.log.read(conversation, everything);
    expect(stored.map(({ seq }) => seq)).toEqual(stored.map((_, index) => index + 1));
    expect(stored).toHaveLength(300);
  });

  it('at the very end, after all rows were written, is undone in memory too', async () => {
    await store.log.append([row()], 1);
    const lost = row();
    // A deferred foreign key is looked at by COMMIT itself, when all rows are in place.
    db.exec(
      'CREATE TABLE fault (id INTEGER PRIMARY KEY, other INTEGER REFERENCES fault (id) DEFERRABLE INITIALLY DEFERRED)',
    );
    db.exec('CREATE TRIGGER fail_at_commit AFTER INSERT ON log BEGIN INSERT INTO fault VALUES (new.id, -1); END');
    await expect(store.log.append([row(), lost, row()], 2)).rejects.toThrow();
    db.exec('DROP TRIGGER fail_at_commit; DROP TABLE fault');
    expect(await store.conversations.get(conversation, anna.user)).toMatchObject({ head: 1 });
    expect(await store.log.append([lost], 3)).toMatchObject([{ state: 'accepted', seq: 2 }]);
  });

  it('while another process holds the database is `unavailable`, and the next one goes through', async () => {
    db.pragma('busy_timeout = 50');
    const other = new Database(store.file);
    other.exec('BEGIN IMMEDIATE');
    const kept = row();
    await expect(store.log.append([kept], 1)).rejects.toMatchObject({ code: 'unavailable' });
    other.exec('ROLLBACK');
    other.close();
    expect(await store.log.append([kept], 2)).toMatchObject([{ state: 'accepted', seq: 1 }]);
  });
});

describe('a relay whose store fails', () => {
  it('refuses the messages of that group with the store’s code, and goes on serving', async () => {
    let failing = false;
    const relay = await startRelayCore({
      wrapStore: (store) => ({
        ...store,
        log: {
          ...store.log,
          async append(messages, now) {
            if (failing) throw new ParleyError('storage_full', { message: 'The disk is full.' });
            return store.log.append(messages, now);
          },
        },
      }),
    });
    const [anna, ben] = [await addPerson(relay.store), await addPerson(relay.store)];
    const conversation = await addConversation(relay.store, anna, ben);
    const [sender, other] = [await relay.hello(anna), await relay.hello(ben)];
    await Promise.all([sender.sync(), other.sync()]);
    failing = true;
    const id = createId<MessageId>();
    expect(await sender.say(conversation, 'lost', id)).toMatchObject({
      type: 'refused',
      code: 'storage_full',
      message: 'The disk is full.',
    });
    sender.send({ type: 'ping' });
    await sender.next('pong');
    failing = false;
    expect(await sender.say(conversation, 'kept', id)).toMatchObject({ type: 'accepted', seq: 1 });
    await other.next('deliver');
    expect(other.delivered(conversation)).toEqual([1]);
    await relay.stop();
  });
});
