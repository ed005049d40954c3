/** `migrate` brings all of a relay's data to another database and back, and whatever ends it early costs nothing. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../../signaling-server/adapters/sqlite/sqlite-store.ts';
import { connectPostgres } from '../../../signaling-server/cli/migrate/connect-postgres.ts';
import { compareSides } from '../../../signaling-server/cli/migrate/compare-sides.ts';
import { openSource } from '../../../signaling-server/cli/migrate/open-sides.ts';
import { silentMetrics } from '../../../signaling-server/observe/silent-metrics.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../../support/postgres-server.ts';
import { removeFolder, temporaryFolder } from '../../support/relay-config.ts';
import { silentLog } from '../../support/relay-core.ts';
import { runRelayCommand } from '../../support/run-relay-command.ts';
import { relayEntry, spawnRelay } from '../../support/start-relay.ts';
import { fillStore } from '../../support/stored-history.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

let folder: string;
let url: string;

const data = () => join(folder, 'data');
const back = () => join(folder, 'back');
const migrate = (from: string, to: string) => runRelayCommand(['migrate', '--from', from, '--to', to]);

async function makeData(messages: number): Promise<void> {
  const store = await openSqliteStore({ dataDir: data(), clock: Date.now, log: silentLog, metrics: silentMetrics });
  await fillStore(store, { people: 9, messages });
  await store.close();
}

beforeEach(async () => {
  folder = await temporaryFolder();
  url = await server.createDatabase();
});
afterEach(() => removeFolder(folder));

/** Everything that differs between two places, part by part. */
async function differencesBetween(a: string, b: string): Promise<readonly string[]> {
  const [one, other] = [await openSource(a), await openSource(b)];
  const found: string[] = [];
  let rows = 0;
  for await (const compared of compareSides(one, other)) {
    found.push(...compared.differences.map((difference) => `${compared.part}: ${difference}`));
    rows += compared.rows;
  }
  await one.close();
  await other.close();
  expect(rows).toBeGreaterThan(0);
  return found;
}

describe.skipIf(!hasPostgres)('a migration', () => {
  it('brings everything to PostgreSQL and back into a folder, with the relay’s id, and both hold the same', async () => {
    await makeData(3_000);
    const there = await migrate(data(), url);
    expect(there.err).toBe('');
    expect(there.out).toContain('3000 on both sides, 9 chains equal');
    expect(there.code).toBe(0);
    expect(await differencesBetween(data(), url)).toEqual([]);
    const again = await migrate(url, back());
    expect([again.err, again.code]).toEqual(['', 0]);
    expect(await differencesBetween(data(), back())).toEqual([]);

    const [old, moved] = [openRead(data()), openRead(back())];
    const id = "SELECT value FROM meta WHERE key = 'relay_id'";
    expect(moved.prepare(id).get()).toEqual(old.prepare(id).get());
    const words = 'SELECT count(*) AS n FROM user_words';
    expect(moved.prepare(words).get()).toEqual(old.prepare(words).get());
    old.close();
    moved.close();
    for (const place of [
      ['--data', back()],
      ['--store', url],
    ]) {
      const verified = await runRelayCommand(['verify', ...place]);
      expect(verified.out).toContain('3000 in 9 conversations');
      expect(verified.out).toContain('9 checkpoints, all as they were kept');
      // The history's files are nowhere, which the folder's own check says.
      expect(verified.out.replace(/^fail {2}files.*$/m, '')).not.toContain('fail');
    }
  });

  it('writes what PostgreSQL keeps besides: heads, look-ups, names and sums', async () => {
    await makeData(900);
    expect((await migrate(data(), url)).code).toBe(0);
    const count = async (sql: string) => Number((await server.run(`SELECT count(*) AS n FROM ${sql}`, url))[0]?.['n']);
    expect(await count('conversations WHERE head = 100 AND active_at > created_at - 1')).toBe(9);
    expect(await count('memberships')).toBe(await count('members'));
    expect(await count('usernames')).toBe(9);
    expect(await count('device_users')).toBe(9);
    expect(await count('tokens')).toBe(8);
    expect(await count('name_words WHERE NOT of_username')).toBeGreaterThan(8);
    expect(await count('blobs WHERE holds = 1')).toBe(2);
    expect(await count('blobs WHERE holds = 0 AND removable')).toBe(1);
    expect(await count('blob_usage WHERE held_bytes = 2003')).toBe(1);
  });

  it('goes on where it was when it was killed in the middle, and doubles and loses nothing', async () => {
    await makeData(24_000);
    await killInTheMiddle(data(), url);
    const resumed = await migrate(data(), url);
    expect(resumed.out).toMatch(/messages {8}24000 copied, \d+ of them by an earlier run/);
    expect([resumed.err, resumed.code]).toEqual(['', 0]);
    expect(await differencesBetween(data(), url)).toEqual([]);
  });

  it('is no relay’s data until it is finished', async () => {
    await makeData(24_000);
    await killInTheMiddle(data(), url);
    const started = await runRelayCommand(['serve', '--data', back(), '--port', '0', '--store', url]);
    expect([started.code, started.err]).toEqual([1, expect.stringContaining('not finished')]);
    const elsewhere = await migrate(url, back());
    expect([elsewhere.code, elsewhere.err]).toEqual([1, expect.stringContaining('not finished')]);
  });

  it('goes on in a folder, too, and only its end makes a relay’s database there', async () => {
    await makeData(24_000);
    expect((await migrate(data(), url)).code).toBe(0);
    const child = spawn(process.execPath, [relayEntry, 'migrate', '--from', url, '--to', back()], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const partial = join(back(), 'relay.db.migrating');
    await until(() => existsSync(partial) && rowsIn(partial) > 0);
    child.kill('SIGKILL');
    await ended;
    expect(existsSync(join(back(), 'relay.db'))).toBe(false);
    const resumed = await migrate(url, back());
    expect(resumed.out).toMatch(/24000 copied, \d+ of them by an earlier run/);
    expect([resumed.err, resumed.code]).toEqual(['', 0]);
    expect(await differencesBetween(data(), back())).toEqual([]);
  });

  it('refuses a target with data in it, a source that takes messages, and places with nothing', async () => {
    await makeData(100);
    expect((await migrate(data(), url)).code).toBe(0);
    const full = await migrate(data(), url);
    expect([full.code, full.err]).toEqual([1, expect.stringContaining('There is data in postgres://')]);
    expect(full.err).not.toContain('secret-of-the-test');
    const folderThere = await migrate(url, data());
    expect([folderThere.code, folderThere.err]).toEqual([1, expect.stringContaining('There is data in')]);
    const nothing = await migrate(back(), await server.createDatabase());
    expect([nothing.code, nothing.err]).toEqual([1, expect.stringContaining("no relay's data")]);
    const empty = await migrate(await server.createDatabase(), back());
    expect([empty.code, empty.err]).toEqual([1, expect.stringContaining("no relay's data")]);
    const relay = await spawnRelay({ dataDir: data() });
    try {
      const running = await migrate(data(), await server.createDatabase());
      expect([running.code, running.err]).toEqual([1, expect.stringContaining('--read-only on')]);
    } finally {
      await relay.stop();
    }
  });

  it('copies beside a relay that is read-only', async () => {
    await makeData(500);
    const relay = await spawnRelay({ dataDir: data(), args: ['--read-only', 'on'] });
    try {
      expect((await migrate(data(), url)).code).toBe(0);
    } finally {
      await relay.stop();
    }
    expect(await differencesBetween(data(), url)).toEqual([]);
  });

  it('leaves a database in which `verify` finds what is changed later', async () => {
    await makeData(3_000);
    expect((await migrate(data(), url)).code).toBe(0);
    const whole = (await runRelayCommand(['verify', '--store', url])).out;
    expect(whole).not.toMatch(/fail|warn/);
    await server.run("UPDATE log SET payload = 'other' WHERE seq = 20", url);
    await server.run(
      'DELETE FROM log WHERE seq = 300 AND conversation_id = (SELECT max(conversation_id::text)::uuid FROM log)',
      url,
    );
    await server.run('DELETE FROM tokens', url);
    const verified = await runRelayCommand(['verify', '--store', url]);
    expect(verified.code).toBe(1);
    expect(verified.out).toMatch(/fail {2}look-ups .*sessions and their tokens: 8 and 0/);
    expect(verified.out).toMatch(/fail {2}messages .*message 301 of .* comes after message 299/);
    expect(verified.out).toMatch(/fail {2}chains .*messages 1 to 256 of .* and 4 more/);
  });

  it('finds out when the new side is not what the old one is, and then finishes nothing', async () => {
    await makeData(24_000);
    await killInTheMiddle(data(), url);
    await server.run("UPDATE log SET kind = 'other' WHERE ctid = (SELECT ctid FROM log LIMIT 1) AND seq > 0", url);
    await server.run("UPDATE users SET display_name = 'Mallory' WHERE username LIKE 'user%'", url);
    const resumed = await migrate(data(), url);
    expect(resumed.code).toBe(1);
    expect(resumed.out).toMatch(/fail {2}accounts/);
    expect(resumed.out).toMatch(/fail {2}messages/);
    expect(resumed.out).toContain('no relay will start on the new one');
  });
});

function openRead(place: string): Database.Database {
  return new Database(join(place, 'relay.db'), { readonly: true });
}

function rowsIn(file: string): number {
  try {
    const db = new Database(file, { readonly: true, timeout: 100 });
    const rows = db.prepare('SELECT count(*) FROM log').pluck().get();
    db.close();
    return Number(rows);
  } catch {
    return 0;
  }
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
}

async function killInTheMiddle(from: string, to: string): Promise<void> {
  const child = spawn(process.execPath, [relayEntry, 'migrate', '--from', from, '--to', to], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const { client, close } = await connectPostgres(to);
  await until(async () => {
    const rows = await client.query('SELECT 1 FROM log LIMIT 1').then(
      ({ rowCount }) => rowCount ?? 0,
      () => 0,
    );
    return rows > 0;
  });
  child.kill('SIGKILL');
  await ended;
  await close();
}
