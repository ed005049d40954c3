/** `doctor` on the engines of a fleet: right ones, and ones that are wrong in each way. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasNatsServer } from '../../../scripts/engine-programs.ts';
import { startNats, type NatsServer } from '../../support/nats-server.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../../support/postgres-server.ts';
import { removeFolder, temporaryFolder } from '../../support/relay-config.ts';
import { runRelayCommand } from '../../support/run-relay-command.ts';
import { hasS3Server, startS3, type S3Server } from '../../support/s3-server.ts';
import { startRelay } from '../../support/start-relay.ts';

const canRun = hasPostgres && hasS3Server && hasNatsServer();

let postgres: PostgresServer;
let nats: NatsServer;
let s3: S3Server;
let folder: string;
beforeAll(async () => {
  [postgres, nats, s3] = await Promise.all([startPostgres(), startNats(), startS3()]);
  folder = await temporaryFolder();
}, 60_000);
afterAll(async () => {
  await Promise.all([postgres.stop(), nats.stop(), s3.stop()]);
  await removeFolder(folder);
});

let url: string;
beforeEach(async () => {
  url = await postgres.createDatabase();
});

/** Keys only by the environment, where nobody else reads them. */
async function doctor(flags: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  const result = await runRelayCommand(['doctor', '--data', folder, '--port', '0', ...args], { env });
  expect(result.err).toBe('');
  return result;
}

const keys = () => ({ PARLEY_S3_ACCESS_KEY: s3.keys.accessKey, PARLEY_S3_SECRET_KEY: s3.keys.secretKey });

describe.skipIf(!canRun)('doctor, on engines as they should be', () => {
  it('says so, a line each, and sees the nodes that run', async () => {
    const relay = await startRelay({ config: { store: url, bus: [nats.url] } });
    try {
      const blobs = await s3.makeBucket();
      const { out, code } = await doctor({ store: url, bus: nats.url, blobs }, keys());
      expect(out).toMatch(/^ok {4}database {8}PostgreSQL \d+\.\d+ .*at postgres:\/\/127\.0\.0\.1/m);
      expect(out).toMatch(/^ok {4}schema {10}version \d+$/m);
      expect(out).toMatch(/^ok {4}durability /m);
      expect(out).toMatch(/^warn {2}standby .*\n.*synchronous_standby_names/m);
      expect(out).toMatch(
        /^ok {4}connections {5}60 at most: room for 3 nodes with --store-pool 10, and 6 more for each/m,
      );
      expect(out).toMatch(/^ok {4}clock /m);
      expect(out).toMatch(/^ok {4}bus {13}nats-server \d+\.\d+\.\d+ at 127\.0\.0\.1/m);
      expect(out).toMatch(/^ok {4}nodes {11}1 speaks on the bus$/m);
      expect(out).toMatch(/^ok {4}object store {4}s3:.*writes, reads, reads parts and removes/m);
      expect(code).toBe(0);
      expect(out).not.toContain('secret-of-the-test');
      expect(out).not.toContain(s3.keys.secretKey);
    } finally {
      await relay.stop();
    }
  });
});

describe.skipIf(!canRun)('doctor, on a database', () => {
  it('that does not answer, or refuses the user, says where to look', async () => {
    const away = await doctor({ store: 'postgres://parley:hidden@127.0.0.1:1/parley' });
    expect(away.out).toMatch(/^fail {2}database .*cannot be reached \(.*ECONNREFUSED.*\)\n.*pg_hba\.conf/m);
    const wrong = new URL(url);
    wrong.password = 'hidden';
    const refused = await doctor({ store: wrong.href });
    expect(refused.out).toMatch(/^fail {2}database .*password authentication failed.*\n.*user, password and database/m);
    expect([away.code, refused.code]).toEqual([1, 1]);
    expect(away.out + refused.out).not.toContain('hidden');
  });

  it('of a newer relay, of another program, or with a half migration, says what is there', async () => {
    const relay = await startRelay({ config: { store: url } });
    await relay.stop();
    await postgres.run("UPDATE meta SET value = '999' WHERE key = 'schema_version'", url);
    expect((await doctor({ store: url })).out).toMatch(/^fail {2}schema .*version 999.*\n.*Install the newer relay/m);
    await postgres.run("UPDATE meta SET value = '1' WHERE key = 'schema_version'", url);
    await postgres.run("INSERT INTO meta VALUES ('migration', '{}')", url);
    expect((await doctor({ store: url })).out).toMatch(/^fail {2}schema .*not finished\n.*parley-relay migrate/m);
    const theirs = await postgres.createDatabase();
    await postgres.run('CREATE TABLE invoices (id int)', theirs);
    expect((await doctor({ store: theirs })).out).toMatch(/^fail {2}schema .*not a relay's/m);
  });

  it('where the user may make no tables, or that is not safe against power cuts, fails', async () => {
    const guest = new URL(url);
    await postgres.run("CREATE ROLE guest LOGIN PASSWORD 'guest'", url);
    await postgres.run('REVOKE CREATE ON SCHEMA public FROM PUBLIC', url);
    [guest.username, guest.password] = ['guest', 'guest'];
    expect((await doctor({ store: guest.href })).out).toMatch(/^fail {2}schema .*this user may not\n.*GRANT CREATE/m);
    const careless = await startPostgres({ fsync: false, settings: { max_connections: 20 } });
    try {
      const { out, code } = await doctor({ store: careless.url, 'store-pool': '50' });
      expect(out).toMatch(/^fail {2}durability .*fsync is off/m);
      expect(out).toMatch(/^fail {2}connections .*room for 0 nodes with --store-pool 50, .*\n.*Raise max_connections/m);
      expect(code).toBe(1);
    } finally {
      await careless.stop();
    }
  });
});

describe.skipIf(!canRun)('doctor, on a bus', () => {
  it('names each server that cannot be had, or refuses, and one that takes only small notes', async () => {
    const strict = await startNats({ token: 'open-sesame' });
    const settings = join(folder, 'small.conf');
    writeFileSync(settings, 'max_payload: 1024\n');
    const small = await startNats({ args: ['-c', settings] });
    try {
      const { out, code } = await doctor({ store: url, bus: `${nats.url},nats://127.0.0.1:1` });
      expect(out).toMatch(/^ok {4}bus /m);
      expect(out).toMatch(/^fail {2}bus {13}127\.0\.0\.1:1: connection refused/m);
      expect(code).toBe(1);
      const refused = await doctor({ store: url, bus: `nats://wrong@127.0.0.1:${strict.port}` });
      expect(refused.out).toMatch(/^fail {2}bus .*refused the credentials/m);
      const tight = await doctor({ store: url, bus: small.url });
      expect(tight.out).toMatch(/^warn {2}bus .*up to 1 KiB\n.*max_payload/m);
    } finally {
      await strict.stop();
      await small.stop();
    }
  });
});

describe.skipIf(!canRun)('doctor, on an object store', () => {
  it('that is away, has no such bucket, or refuses the keys, says which it is', async () => {
    const blobs = await s3.makeBucket();
    const away = await doctor({ store: url, blobs: 's3://files?endpoint=http://127.0.0.1:1' }, keys());
    expect(away.out).toMatch(/^fail {2}object store .*\n.*Check the endpoint/m);
    const missing = await doctor({ store: url, blobs: blobs.replace(/s3:\/\/[^/?]+/, 's3://no-such-bucket') }, keys());
    expect(missing.out).toMatch(/^fail {2}object store .*has no bucket "no-such-bucket"/m);
    const refused = await doctor({ store: url, blobs }, { ...keys(), PARLEY_S3_SECRET_KEY: 'hidden' });
    expect(refused.out).toMatch(/^fail {2}object store .*refuses the access key/m);
    expect(refused.out).not.toContain('hidden');
    expect([away.code, missing.code, refused.code]).toEqual([1, 1, 1]);
  });

  it('that is for cold messages alone is looked at as well', async () => {
    const [blobs, other] = [await s3.makeBucket(), await s3.makeBucket()];
    const env = { ...keys(), PARLEY_COLD_KEY: 'c'.repeat(64) };
    const cold = (place: string) => doctor({ store: url, blobs, cold: place }, env);
    expect((await cold(other)).out).toMatch(/^ok {4}cold store {6}s3:.*writes, reads, reads parts and removes/m);
    const missing = await cold(other.replace(/s3:\/\/[^/?]+/, 's3://no-such-bucket'));
    expect(missing.out).toMatch(/^fail {2}cold store .*has no bucket "no-such-bucket".*\n.*can’t be read/m);
    expect(missing.out).toMatch(/^ok {4}object store /m);
    expect(missing.code).toBe(1);
    expect((await cold(blobs)).out).not.toContain('cold store');
  });
});
