/** `migrate --blobs` brings the files along, to an object store and back, and `verify` reads every byte of them there. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPostgres, startPostgres, type PostgresServer } from '../../support/postgres-server.ts';
import { registerAt } from '../../support/plain-client.ts';
import { BlobDevice, makeBlob, openConversation } from '../../support/relay-blobs.ts';
import { removeFolder, temporaryFolder } from '../../support/relay-config.ts';
import { runRelayCommand } from '../../support/run-relay-command.ts';
import { hasS3Server, startS3, type S3Server } from '../../support/s3-server.ts';
import { startRelay } from '../../support/start-relay.ts';

describe.skipIf(!hasS3Server || !hasPostgres)('a migration with files', () => {
  let postgres: PostgresServer;
  let s3: S3Server;
  let folder: string;
  const large = makeBlob(3_000_000);
  const small = makeBlob(40_000);

  beforeAll(async () => {
    [postgres, s3, folder] = await Promise.all([startPostgres({ fsync: false }), startS3(), temporaryFolder()]);
    const relay = await startRelay({ dataDir: join(folder, 'data') });
    const [anna, ben] = [await registerAt(relay.address, 'anna'), await registerAt(relay.address, 'ben')];
    const conversation = await openConversation(relay.address, anna, ben);
    const device = new BlobDevice(relay.address, anna, conversation);
    await device.upload(large);
    await device.upload(small);
    await relay.stop();
  }, 90_000);
  afterAll(async () => {
    await Promise.all([postgres.stop(), s3.stop()]);
    await removeFolder(folder);
  });

  it('are looked for where an embedded relay keeps them: its folder, or the object store', async () => {
    const [data, blobs] = [join(folder, 'data'), await s3.makeBucket()];
    const env = { PARLEY_S3_ACCESS_KEY: s3.keys.accessKey, PARLEY_S3_SECRET_KEY: s3.keys.secretKey };
    expect((await runRelayCommand(['verify', '--data', data])).out).toMatch(/^ok {4}files {11}2 /m);
    const elsewhere = await runRelayCommand(['verify', '--data', data, '--blobs', blobs], { env });
    expect(elsewhere.out).toMatch(/^fail {2}files .*is missing/m);
  });

  it('copies each once, goes on where it was, says what is missing, and brings them back whole', async () => {
    const [url, blobs] = [await postgres.createDatabase(), await s3.makeBucket()];
    const [data, back] = [join(folder, 'data'), join(folder, 'back')];
    const env = { PARLEY_S3_ACCESS_KEY: s3.keys.accessKey, PARLEY_S3_SECRET_KEY: s3.keys.secretKey };
    const run = (...args: string[]) => runRelayCommand([...args, '--blobs', blobs], { env });

    const there = await run('migrate', '--from', data, '--to', url);
    expect([there.err, there.code]).toEqual(['', 0]);
    expect(there.out).toMatch(/^ok {4}files {11}2 copied, 2 MiB$/m);
    const verified = await run('verify', '--store', url, '--content');
    expect(verified.out).toMatch(/^ok {4}files {11}2 that conversations hold, every byte as it was sent$/m);
    expect(verified.code).toBe(0);

    const again = await run('migrate', '--from', url, '--to', back);
    expect([again.err, again.code]).toEqual(['', 0]);
    const local = await runRelayCommand(['verify', '--data', back, '--content']);
    expect(local.out).toMatch(/^ok {4}files {11}2 that conversations hold, every byte as it was sent$/m);

    rmSync(join(data, 'blobs', small.id.slice(0, 2)), { recursive: true });
    const second = await run('migrate', '--from', data, '--to', await postgres.createDatabase());
    expect(second.out).toMatch(/^ok {4}files {11}0 copied, .*2 were there$/m);
    const elsewhere = await s3.makeBucket();
    const third = await runRelayCommand(
      ['migrate', '--from', data, '--to', await postgres.createDatabase(), '--blobs', elsewhere],
      { env },
    );
    expect(third.out).toMatch(/^warn {2}files {11}1 copied, .*1 are not at the source$/m);
    expect(third.code).toBe(0);
  });
});
