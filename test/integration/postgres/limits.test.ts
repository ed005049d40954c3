/** A database that is slow, full, crowded or refuses the relay: each is bounded and named, and ends by itself. */
import { chownSync, statSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { schemaVersion } from '../../../signaling-server/adapters/postgres/migrations.ts';
import type { FaultFields } from '../../../signaling-server/ports/log.ts';
import { newMessage } from '../../contracts/store-log.ts';
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts';
import { addPair, atPort, openStore, type Pair } from '../../support/postgres-stores.ts';
import { silentLog } from '../../support/relay-core.ts';
import { canMakeDisks, makeSmallDisk } from '../../support/small-disk.ts';

let server: PostgresServer;
let url: string;
beforeAll(async () => {
  server = await startPostgres({ settings: { synchronous_commit: 'off' } });
  url = await server.createDatabase();
});
afterAll(() => server.stop());

const slowly = { code: 'unavailable', message: expect.stringMatching(/too slowly/u) as string };

/** A connection of the test's own, ended with it. */
async function connectTo(at: string): Promise<Client> {
  const client = new Client({ connectionString: at });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** Holds the conversation's row as a relay that hangs in a transaction would. */
async function holdRow({ conversation }: Pair): Promise<() => Promise<void>> {
  const client = await connectTo(url);
  await client.query('BEGIN');
  await client.query('SELECT 1 FROM conversations WHERE conversation_id = $1 FOR UPDATE', [conversation]);
  return async () => void (await client.query('ROLLBACK'));
}

describe('a start', () => {
  it('against a database that does not answer is given up in time, and works once it answers', async () => {
    await openStore(url);
    const client = await connectTo(url);
    await client.query('BEGIN; LOCK TABLE meta IN ACCESS EXCLUSIVE MODE');
    await expect(openStore(url, { statementTimeoutMs: 300 })).rejects.toMatchObject(slowly);
    await client.query('ROLLBACK');
    await openStore(url, { statementTimeoutMs: 300 });
  });

  it('waits for a change of schema however long it takes, and says that it makes one', async () => {
    const fresh = await server.createDatabase();
    const client = await connectTo(fresh);
    // As another relay that is in the middle of it.
    await client.query('BEGIN; CREATE TABLE meta (key text PRIMARY KEY, value bytea NOT NULL)');
    const info = vi.fn<(event: string, fields?: object) => void>();
    const opening = openStore(fresh, { statementTimeoutMs: 300, log: { ...silentLog, info } });
    const waitsLong = "wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '600 ms'";
    const waiting = () => server.run(`SELECT pid FROM pg_stat_activity WHERE ${waitsLong}`);
    await vi.waitFor(async () => expect(await waiting()).toHaveLength(1), 5_000);
    expect(info.mock.calls).toContainEqual(['database.changing_schema', { from: 0, to: schemaVersion }]);
    await client.query('ROLLBACK');
    expect((await opening).schemaVersion).toBe(schemaVersion);
  });
});

describe('a commit', () => {
  it('waits for the disk even where the server by itself would not', async () => {
    const store = await openStore(url);
    const { anna, conversation } = await addPair(store);
    const settings = vi.fn<(value: unknown) => void>();
    await store.log.append([newMessage(anna, conversation)], 1);
    // The setting of other sessions cannot be seen, so it is looked at in what a trigger of the test's own saw.
    await server.run(
      `CREATE TABLE IF NOT EXISTS seen_setting (value text);
       CREATE OR REPLACE FUNCTION note_setting() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN INSERT INTO seen_setting VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
       CREATE OR REPLACE TRIGGER note_setting AFTER INSERT ON log FOR EACH ROW EXECUTE FUNCTION note_setting()`,
      url,
    );
    await store.log.append([newMessage(anna, conversation)], 2);
    (await server.run('SELECT DISTINCT value FROM seen_setting', url)).forEach((row) => settings(row['value']));
    await server.run('DROP TRIGGER note_setting ON log; DROP TABLE seen_setting', url);
    expect(settings.mock.calls).toEqual([['on']]);
    expect(await server.run('SHOW synchronous_commit', url)).toEqual([{ synchronous_commit: 'off' }]);
  });

  it('that others hold up is given up in time, and goes through once they let go', async () => {
    const store = await openStore(url, { statementTimeoutMs: 300 });
    const pair = await addPair(store);
    const letGo = await holdRow(pair);
    const message = newMessage(pair.anna, pair.conversation);
    await expect(store.log.append([message], 1)).rejects.toMatchObject(slowly);
    await letGo();
    expect(await store.log.append([message], 2)).toMatchObject([{ state: 'accepted', seq: 1 }]);
  });
});

describe('connections', () => {
  it('are bounded, and who waits too long for one is told that the database is too slow', async () => {
    const store = await openStore(url, { poolSize: 3, connectTimeoutMs: 300, statementTimeoutMs: 5_000 });
    const pair = await addPair(store);
    const client = await connectTo(url);
    await client.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
    const first = store.accounts.byId(pair.anna.user);
    await expect(store.accounts.byId(pair.ben.user)).rejects.toMatchObject(slowly);
    // Messages have connections of their own.
    expect(await store.log.append([newMessage(pair.anna, pair.conversation)], 1)).toMatchObject([{ seq: 1 }]);
    await client.query('ROLLBACK');
    expect(await first).toMatchObject({ id: pair.anna.user });
    expect(await store.accounts.byId(pair.ben.user)).toMatchObject({ id: pair.ben.user });
    const open = await server.run(
      `SELECT count(*)::int AS n FROM pg_stat_activity
       WHERE application_name = 'parley-relay' AND datname = current_database()`,
      url,
    );
    expect(open[0]?.['n']).toBeLessThanOrEqual(3);
  });

  it('that the database has no room for are asked for again later', async () => {
    const settings = { max_connections: 6, superuser_reserved_connections: 0, autovacuum: 'off' };
    const small = await startPostgres({ fsync: false, settings });
    onTestFinished(() => small.stop());
    const store = await openStore(small.url);
    const { anna } = await addPair(store);
    const first = await connectTo(small.url);
    const ownPid = (await first.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid ?? 0;
    await first.query(
      'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE backend_type = $1 AND pid <> $2',
      ['client backend', ownPid],
    );
    const others = await Promise.all(Array.from({ length: 5 }, () => connectTo(small.url)));
    await expect(store.accounts.byId(anna.user)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/no more connections/u) as string,
    });
    await Promise.all(others.map((client) => client.end()));
    expect(await store.accounts.byId(anna.user)).toMatchObject({ id: anna.user });
  });

  it('to a database that hangs are given up, and made anew when it goes on', async () => {
    const store = await openStore(url, { statementTimeoutMs: 200, connectTimeoutMs: 500 });
    const { anna, conversation } = await addPair(store);
    server.pause();
    onTestFinished(() => server.resume());
    await expect(store.log.append([newMessage(anna, conversation)], 1)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store.accounts.byId(anna.user)).rejects.toMatchObject({ code: 'unavailable' });
    server.resume();
    await vi.waitFor(() => store.ping(), 10_000);
    expect(await store.log.append([newMessage(anna, conversation)], 2)).toMatchObject([{ state: 'accepted' }]);
  });
});

describe('a database', () => {
  it('that refuses the relay is named at once, without the password', async () => {
    const wrong = new URL(url);
    wrong.password = 'not-the-password';
    const refusal = await openStore(wrong.href).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'storage_failed', message: expect.stringMatching(/password/u) as string });
    expect(String(refusal)).not.toContain('not-the-password');
    const missing = new URL(url);
    missing.pathname = '/nowhere';
    await expect(openStore(missing.href)).rejects.toMatchObject({
      code: 'storage_failed',
      message: expect.stringMatching(/"nowhere" does not exist/u) as string,
    });
  });

  it('in which the relay may make no tables says so', async () => {
    await server.run("CREATE ROLE guest LOGIN PASSWORD 'guest'");
    const guest = new URL(await server.createDatabase());
    guest.username = guest.password = 'guest';
    await expect(openStore(guest.href)).rejects.toMatchObject({
      code: 'storage_failed',
      message: expect.stringMatching(/permission denied/u) as string,
    });
  });

  it('that is not there is unavailable', async () => {
    await expect(openStore(atPort(url, 1))).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('that takes long is logged by the name of the act, without what was asked', async () => {
    const warnings: [string, FaultFields | undefined][] = [];
    const log = { ...silentLog, warn: (event: string, fields?: FaultFields) => void warnings.push([event, fields]) };
    const store = await openStore(url, { log, slowMs: 1 });
    const pair = await addPair(store);
    warnings.length = 0;
    const letGo = await holdRow(pair);
    const appended = store.log.append([newMessage(pair.anna, pair.conversation)], 1);
    await vi.waitFor(async () =>
      expect(await server.run("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).toHaveLength(1),
    );
    await letGo();
    await appended;
    expect(warnings).toContainEqual(['database.slow', { act: 'log.append', ms: expect.any(Number) as number }]);
  });

  it.skipIf(!canMakeDisks)('whose disk is full says so, and takes messages again when there is room', async () => {
    const disk = makeSmallDisk(24);
    const full = await server.createDatabase();
    const store = await openStore(full);
    const { anna, conversation } = await addPair(store);
    const [setting] = await server.run('SHOW data_directory');
    const { uid, gid } = statSync(String(setting?.['data_directory']));
    chownSync(disk.dir, uid, gid);
    await server.run(`CREATE TABLESPACE small LOCATION '${disk.dir}'`);
    onTestFinished(async () => {
      await server.run(`DROP DATABASE ${new URL(full).pathname.slice(1)} WITH (FORCE)`);
      await server.run('DROP TABLESPACE small');
    });
    for (let part = 0; part < 16; part++) {
      const name = `log_${String(part).padStart(2, '0')}`;
      await server.run(`ALTER TABLE ${name} SET TABLESPACE small`, full);
    }
    await store.log.append([newMessage(anna, conversation)], 1);
    disk.fill();
    const large = () => newMessage(anna, conversation, { payload: new Uint8Array(60_000) });
    const refused = await store.log.append([large(), large()], 2).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'storage_full' });
    disk.free();
    expect(await store.log.append([large()], 3)).toMatchObject([{ state: 'accepted', seq: 2 }]);
  });
});
