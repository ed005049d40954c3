/** A session that ends while the disk is full: nobody is left half logged in, and what is to be erased is. */
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openHeadlessEngine } from '../../main/engine/headless.ts';
import { createSecretFile } from '../../main/engine/storage/secret-file.ts';
import { temporaryFolder } from '../support/engine-client.ts';
import { converse, eventually, online, openPerson, record, texts } from '../support/engine-people.ts';
import { canMakeDisks, makeSmallDisk } from '../support/small-disk.ts';
import { startRelay } from '../support/start-relay.ts';

/** @param elsewhere where history and token lie, if not on the disk that runs full: that they go makes room there. */
async function onSmallDisk(elsewhere?: string) {
  const relay = await startRelay();
  onTestFinished(() => relay.stop());
  const disk = makeSmallDisk(32);
  const dataDir = join(disk.dir, 'alice');
  if (elsewhere !== undefined) {
    mkdirSync(dataDir);
    mkdirSync(join(elsewhere, 'accounts'));
    symlinkSync(join(elsewhere, 'accounts'), join(dataDir, 'accounts'));
  }
  const keychain = elsewhere === undefined ? {} : { host: { secrets: createSecretFile(join(elsewhere, 'token')) } };
  const alice = await openPerson(relay.address, 'alice', { dataDir, ...keychain });
  const bob = await openPerson(relay.address, 'bob');
  const conversation = await converse(alice, bob);
  await online(alice);
  return { relay, disk, dataDir, alice, bob, conversation };
}

async function reopen(dataDir: string) {
  const client = await openHeadlessEngine({ dataDir });
  onTestFinished(() => client.stop());
  return client;
}

test.skipIf(!canMakeDisks)(
  'a session that ends while the disk is full is over at once, and remembered once there is room',
  async () => {
    const { relay, disk, dataDir, alice, bob, conversation } = await onSmallDisk(await temporaryFolder());
    await alice.invoke('messages.send', { conversation, text: 'before' });
    await eventually(async () => expect(await texts(bob, conversation)).toEqual(['before']));
    const sessions = record(alice, 'session.changed');
    const faults = record(alice, 'storage.changed');
    disk.fill();
    await relay.admin.setUserDisabled({ username: 'alice', disabled: true });
    await eventually(() => expect(sessions.at(-1)).toMatchObject({ state: 'signed-out', reason: 'disabled' }));
    expect(await alice.invoke('session.get')).toMatchObject({ state: 'signed-out', username: 'alice' });
    await expect(alice.invoke('conversations.list', {})).rejects.toMatchObject({ code: 'unauthenticated' });
    await eventually(() => expect(faults.at(-1)?.message).toMatch(/disk is full/));

    disk.free();
    await eventually(() => expect(faults.at(-1)).toBeNull());
    await alice.stop();
    const back = await reopen(dataDir);
    expect(await back.invoke('session.get')).toMatchObject({ state: 'signed-out', reason: 'disabled' });
  },
);

test.skipIf(!canMakeDisks)('a device that is to erase its account does so on a full disk too', async () => {
  const { relay, disk, dataDir, alice } = await onSmallDisk();
  const other = await openPerson(relay.address, 'alice', { known: true });
  const sessions = record(alice, 'session.changed');
  disk.fill();
  await other.invoke('devices.revoke', { device: alice.device });
  await eventually(() => expect(sessions.at(-1)).toMatchObject({ state: 'signed-out', reason: 'erased' }));
  await eventually(() => expect(readdirSync(join(dataDir, 'accounts'))).toEqual([]));
  expect(existsSync(join(dataDir, 'session.token'))).toBe(false);
  await alice.stop();
  const back = await reopen(dataDir);
  expect(await back.invoke('session.get')).toMatchObject({ state: 'signed-out', reason: 'erased' });
});
