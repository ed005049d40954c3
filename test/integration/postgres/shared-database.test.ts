/** What several relays on one database may do at the same moment, and what a database has to be like. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blobIdSchema, createId, type ConversationId } from '../../../protocol/index.ts';
import { schemaVersion } from '../../../signaling-server/adapters/postgres/migrations.ts';
import type { Store } from '../../../signaling-server/ports/store.ts';
import { newAccount } from '../../contracts/store-accounts.ts';
import { newMessage } from '../../contracts/store-log.ts';
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts';
import { addPair, openStore } from '../../support/postgres-stores.ts';
import { addConversation, addPerson, hashOf } from '../../support/relay-core.ts';

let server: PostgresServer;
let url: string;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  url = await server.createDatabase();
});
afterAll(() => server.stop());

const twoStores = async (): Promise<[Store, Store]> => [await openStore(url), await openStore(url)];

/** Codes of those that were refused, and how many were not. */
async function outcomes(acts: readonly Promise<unknown>[]): Promise<{ done: number; refused: string[] }> {
  const settled = await Promise.allSettled(acts);
  const refused = settled.flatMap((result) =>
    result.status === 'rejected' ? [(result.reason as { code: string }).code] : [],
  );
  return { done: settled.length - refused.length, refused };
}

describe('the schema', () => {
  it('is made once when several relays start at the same moment, and gives all of them one relay id', async () => {
    const fresh = await server.createDatabase();
    const stores = await Promise.all(Array.from({ length: 6 }, () => openStore(fresh)));
    expect(new Set(stores.map(({ relayId }) => relayId)).size).toBe(1);
    expect(stores.map((store) => store.schemaVersion)).toEqual(stores.map(() => schemaVersion));
    const again = await openStore(fresh);
    expect(again.relayId).toBe(stores[0]?.relayId);
    expect(again.engine.name).toBe('PostgreSQL');
  });

  it('is made once also where transactions are kept apart most strictly', async () => {
    const fresh = await server.createDatabase();
    const name = new URL(fresh).pathname.slice(1);
    await server.run(`ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`);
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(fresh)));
    expect(new Set(stores.map(({ relayId }) => relayId)).size).toBe(1);
  });

  it('of a newer relay is refused and left as it is', async () => {
    const newer = await server.createDatabase();
    await (await openStore(newer)).close();
    await server.run(`UPDATE meta SET value = '${schemaVersion + 1}' WHERE key = 'schema_version'`, newer);
    await expect(openStore(newer)).rejects.toMatchObject({
      code: 'storage_newer',
      message: expect.stringMatching(/newer relay/u) as string,
    });
    expect(
      await server.run("SELECT convert_from(value, 'UTF8') AS v FROM meta WHERE key = 'schema_version'", newer),
    ).toEqual([{ v: String(schemaVersion + 1) }]);
  });

  it('is not made in a database that holds something else', async () => {
    for (const sql of [
      'CREATE TABLE orders (id int)',
      'CREATE TABLE meta (key text, value bytea); CREATE TABLE users ()',
    ]) {
      const foreign = await server.createDatabase();
      await server.run(sql, foreign);
      await expect(openStore(foreign)).rejects.toMatchObject({ code: 'storage_failed' });
      expect(await server.run("SELECT 1 FROM pg_tables WHERE tablename = 'log'", foreign)).toEqual([]);
    }
  });

  it('of an unfinished migration is not served from', async () => {
    const target = await server.createDatabase();
    await (await openStore(target)).close();
    await server.run("INSERT INTO meta VALUES ('migration', 'x')", target);
    await expect(openStore(target)).rejects.toMatchObject({ code: 'storage_busy' });
  });

  it('has every table keyed first by what it is spread by, and nothing that all conversations share', async () => {
    await openStore(url);
    const keys = await server.run(
      `SELECT c.relname AS table, a.attname AS first FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
       WHERE i.indisprimary AND c.relnamespace = 'public'::regnamespace AND NOT c.relispartition ORDER BY 1`,
      url,
    );
    const first = new Map(keys.map((row) => [row['table'], row['first']]));
    for (const table of ['log', 'members', 'conversations', 'blob_holds', 'chain_checkpoints', 'attestations'])
      expect([table, first.get(table)]).toEqual([table, 'conversation_id']);
    for (const table of ['users', 'devices', 'memberships', 'blob_uploads', 'blob_usage'])
      expect([table, first.get(table)]).toEqual([table, 'user_id']);
    expect(await server.run("SELECT count(*)::int AS n FROM pg_sequences WHERE schemaname = 'public'", url)).toEqual([
      { n: 0 },
    ]);
    expect(await server.run('SELECT 1 FROM pg_trigger WHERE NOT tgisinternal', url)).toEqual([]);
  });
});

describe('two relays', () => {
  it('give a name, an e-mail address and a phone number to one account', async () => {
    const [near, far] = await twoStores();
    for (const more of [{}, { email: 'one@example.org' }, { phone: '+49301234' }]) {
      const username = Object.keys(more).length === 0 ? () => 'same' : () => `u${randomBytes(4).toString('hex')}`;
      const acts = [near, far, near, far].map((store) => store.accounts.create(newAccount(username(), more)));
      const { done, refused } = await outcomes(acts);
      expect(done).toBe(1);
      expect(new Set(refused)).toEqual(new Set([`${Object.keys(more)[0] ?? 'username'}_taken`]));
    }
  });

  it('redeem an invite as often as it allows', async () => {
    const [near, far] = await twoStores();
    const invite = { label: 'fghij', createdAt: 1, expiresAt: null, uses: 0, maxUses: 3, revoked: false };
    await near.invites.create({ ...invite, hash: hashOf('three') });
    const acts = Array.from({ length: 8 }, (_, index) =>
      (index % 2 ? near : far).accounts.create(newAccount(`guest${index}`, { inviteHash: hashOf('three') })),
    );
    expect(await outcomes(acts)).toEqual({ done: 3, refused: Array.from({ length: 5 }, () => 'invite_invalid') });
    expect(await far.invites.list()).toMatchObject([{ uses: 3 }]);
  });

  it('open one conversation for a pair', async () => {
    const [near, far] = await twoStores();
    const [anna, ben] = [await addPerson(near), await addPerson(near)];
    const opened = await Promise.all(
      [near, far, near, far].map((store, index) =>
        store.conversations.openDirect({
          id: createId<ConversationId>(),
          members: index % 2 ? [anna.user, ben.user] : [ben.user, anna.user],
          now: 1,
        }),
      ),
    );
    expect(new Set(opened.map(({ conversation }) => conversation.id)).size).toBe(1);
    expect(opened.filter(({ created }) => created)).toHaveLength(1);
    expect(await far.conversations.listOf(anna.user)).toHaveLength(1);
  });

  it('never let a user hold more than the quota', async () => {
    const [near, far] = await twoStores();
    const { anna, conversation } = await addPair(near);
    const limits = { quotaBytes: 350, uploads: 100 };
    const begun = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const blob = blobIdSchema.parse(randomBytes(32).toString('hex'));
        const upload = { conversation, blob, user: anna.user, bytes: 100, at: 1 };
        const { blobs } = index % 2 ? near : far;
        const { state } = await blobs.begin(upload, limits);
        if (state === 'held') await blobs.complete(upload, 2);
        return state;
      }),
    );
    expect(begun.filter((state) => state === 'held')).toHaveLength(3);
    expect(await near.blobs.usedBy(anna.user)).toBe(300);
  });

  it('note a blob as removable when its last two holds go at the same moment', async () => {
    const [near, far] = await twoStores();
    for (let round = 0; round < 10; round++) {
      const { anna, ben, conversation } = await addPair(near);
      const blob = blobIdSchema.parse(randomBytes(32).toString('hex'));
      const hold = (user: typeof anna.user) => ({ conversation, blob, user, bytes: 10, at: 1 });
      await near.blobs.begin(hold(anna.user), { quotaBytes: null, uploads: 9 });
      await near.blobs.complete(hold(anna.user), 1);
      await near.blobs.share(hold(ben.user), { quotaBytes: null, uploads: 9 });
      expect(await Promise.all([near.blobs.release(hold(anna.user)), far.blobs.release(hold(ben.user))])).toEqual([
        true,
        true,
      ]);
      expect(await near.blobs.isHeld(blob)).toBe(false);
      expect(await near.blobs.removable(100)).toContain(blob);
      await far.blobs.settleRemoval(blob);
      expect(await near.blobs.removable(100)).not.toContain(blob);
    }
  });

  it('find what was stored lately by the clock of the database, however far off the clock of the relay that stored it', async () => {
    const [near, far] = await twoStores();
    const [early, late] = [await addPair(near), await addPair(near)];
    await server.run("UPDATE conversations SET active_at = 0, changed_at = '1970-01-01'", url);
    const hour = 3_600_000;
    await near.log.append([newMessage(early.anna, early.conversation)], Date.now() - hour);
    await near.log.append([newMessage(late.anna, late.conversation)], Date.now() + hour);
    const active = await far.conversations.activeWithin([early.ben.user, late.ben.user], 30_000);
    expect(new Set(active.map(({ user }) => user))).toEqual(new Set([early.ben.user, late.ben.user]));
  });

  it('remember the latest time at which a device was seen, whoever reports it first', async () => {
    const [near, far] = await twoStores();
    const people = await Promise.all(Array.from({ length: 12 }, () => addPerson(near)));
    const later = Date.now() + 60_000;
    const seen = (shift: number) =>
      people.map(({ user, device }, index) => ({ user, device, at: later + ((index + shift) % 2) * 1_000 }));
    await Promise.all([near.devices.touch(seen(0)), far.devices.touch(seen(1).reverse()), near.devices.touch(seen(1))]);
    const times = await far.devices.lastActive(people.map(({ user }) => user));
    expect([...times.values()]).toEqual(people.map(() => later + 1_000));
  });

  it('keep the words of names for searches in step with accounts that come, change and are disabled', async () => {
    const [near, far] = await twoStores();
    const anna = newAccount('quirin', { displayName: 'Quentin Quast' });
    await near.accounts.create(anna);
    const found = async () => (await far.accounts.search('qu', 10)).map(({ username }) => username);
    expect(await found()).toEqual(['quirin']);
    await far.accounts.update(anna.id, { disabled: true });
    expect(await found()).toEqual([]);
    await near.accounts.update(anna.id, { displayName: 'Someone' });
    await far.accounts.update(anna.id, { disabled: false });
    expect((await near.accounts.search('someone', 10)).map(({ username }) => username)).toEqual(['quirin']);
    expect(await near.accounts.search('quast', 10)).toEqual([]);
  });
});

it('a conversation opened by one relay is known to the other at once', async () => {
  const [near, far] = await twoStores();
  const [anna, ben] = [await addPerson(near), await addPerson(far)];
  const conversation = await addConversation(near, anna, ben);
  expect(await far.conversations.get(conversation, ben.user)).toMatchObject({ id: conversation, head: 0 });
  expect(await far.devices.byToken(hashOf(anna.token))).toMatchObject({ profile: anna.profile });
});

it('a relay that closes its store stores first what it was asked to', async () => {
  const [near, far] = await twoStores();
  const { anna, conversation } = await addPair(near);
  const appended = Array.from({ length: 20 }, () => near.log.append([newMessage(anna, conversation)], 1));
  const closed = near.close();
  const outcomes = (await Promise.all(appended)).flat();
  expect(outcomes.map((outcome) => 'seq' in outcome && outcome.seq)).toEqual(outcomes.map((_, index) => index + 1));
  await closed;
  await near.close();
  expect(await far.conversations.get(conversation, anna.user)).toMatchObject({ head: 20 });
  await expect(near.ping()).rejects.toMatchObject({ code: 'unavailable' });
});
