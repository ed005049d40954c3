/** Work on all data onto disks that really run full: words, nothing half done, the history unharmed. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openHeadlessEngine } from '../../main/engine/headless.ts';
import { temporaryFolder } from '../support/engine-client.ts';
import { runJob } from '../support/engine-data.ts';
import { sendFiles, stagedFile } from '../support/engine-files.ts';
import { converse, online, openPerson, record, texts } from '../support/engine-people.ts';
import { madeUpBytes } from '../support/engine-vault.ts';
import { canMakeDisks, makeSmallDisk } from '../support/small-disk.ts';
import { startRelay } from '../support/start-relay.ts';

const passphrase = 'a long walk on the beach';

test.skipIf(!canMakeDisks)(
  'a disk that runs full under an export, a backup or a restore leaves nothing half done',
  async () => {
    const relay = await startRelay();
    onTestFinished(() => relay.stop());
    const alice = await openPerson(relay.address, 'alice');
    const bob = await openPerson(relay.address, 'bob');
    const conversation = await converse(alice, bob);
    await online(alice);
    await sendFiles(alice, conversation, [await stagedFile(alice, 'film.bin', madeUpBytes(6_000_000))], 'a film');
    const faults = record(alice, 'storage.changed');

    const disk = makeSmallDisk(4);
    const exported = await runJob(alice, 'data.export', { folder: join(disk.dir, 'export') });
    expect(exported).toMatchObject({ state: 'failed', result: null, failure: { code: 'storage_failed' } });
    expect(exported.failure?.message).toMatch(/not enough room in that place/);
    expect(readdirSync(disk.dir)).toEqual([]);
    const backedUp = await runJob(alice, 'data.backup', { file: join(disk.dir, 'backup'), passphrase });
    expect(backedUp).toMatchObject({ state: 'failed', failure: { code: 'storage_failed' } });
    expect(backedUp.failure?.message).toMatch(/not enough room in that place/);
    expect(readdirSync(disk.dir)).toEqual([]);
    expect(faults).toEqual([]);
    expect(await texts(alice, conversation)).toHaveLength(1);

    const file = join(await temporaryFolder(), 'backup');
    expect((await runJob(alice, 'data.backup', { file, passphrase })).state).toBe('done');
    const small = await openHeadlessEngine({ dataDir: join(disk.dir, 'engine') });
    onTestFinished(() => small.stop());
    const restored = await runJob(small, 'data.restore', { file, passphrase });
    expect(restored).toMatchObject({ state: 'failed', failure: { code: 'storage_failed' } });
    expect(restored.failure?.message).toMatch(/disk is full/);
    expect(readdirSync(join(disk.dir, 'engine')).filter((name) => /part|unfinished/.test(name))).toEqual([]);
    expect(readdirSync(join(disk.dir, 'engine/accounts'))).toEqual([]);
  },
);

test.skipIf(!canMakeDisks)(
  'a backup of a history whose own disk is full says so, and works once there is room',
  async () => {
    const relay = await startRelay();
    onTestFinished(() => relay.stop());
    const disk = makeSmallDisk(32);
    const alice = await openPerson(relay.address, 'alice', { dataDir: join(disk.dir, 'alice') });
    await online(alice);
    const file = join(await temporaryFolder(), 'backup');
    disk.fill();
    const failed = await runJob(alice, 'data.backup', { file, passphrase });
    expect(failed).toMatchObject({ state: 'failed', failure: { code: 'storage_failed' } });
    expect(failed.failure?.message).toMatch(/disk is full/);
    disk.free();
    expect((await runJob(alice, 'data.backup', { file, passphrase })).state).toBe('done');
    expect(readdirSync(alice.dataDir).filter((name) => /part|unfinished/.test(name))).toEqual([]);
  },
);
