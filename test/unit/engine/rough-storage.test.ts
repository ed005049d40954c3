/** Storing that fails at the wrong moment: log-ins, rebuilt histories and timers must not make it worse. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openHistory, rebuildHistory } from '../../../main/engine/account/open-history.ts';
import { folderOf } from '../../../main/engine/account/session.ts';
import { openWorkspace } from '../../../main/engine/account/workspace.ts';
import { openHeadlessEngine } from '../../../main/engine/headless.ts';
import { systemClock } from '../../../main/engine/runtime/clock.ts';
import { createEventHub } from '../../../main/engine/runtime/event-hub.ts';
import { silentLog } from '../../../main/engine/runtime/log.ts';
import { plainSealer } from '../../../main/engine/sealing/plain-sealer.ts';
import { createStorageHealth } from '../../../main/engine/storage/health.ts';
import type { AccountRecord } from '../../../main/engine/storage/profile-store.ts';
import { openStore } from '../../../main/engine/storage/store.ts';
import { createId, ParleyError, type ConversationId, type DeviceId, type MessageId } from '../../../protocol/index.ts';
import {
  allMessages,
  scriptedSetting,
  temporaryFolder,
  textOf,
  type ScriptedSetting,
} from '../../support/engine-client.ts';
import { settle } from '../../support/engine-clock.ts';

const sqliteError = (code: string) => Object.assign(new Error('from SQLite'), { code });
const credentials = { username: 'ann', password: 'password' };

function recordOf({ relay }: ScriptedSetting): AccountRecord {
  return {
    address: relay.base,
    relay: { id: relay.id, name: 'Test relay', directory: true },
    account: { ...relay.self, email: null, phone: null, createdAt: 0 },
    device: createId<DeviceId>(),
    generation: 0,
  };
}

test('a log-in whose token could not be kept ends that session and leaves the history free for the next try', async () => {
  const { relay, clock, dataDir } = await scriptedSetting();
  let isFull = true;
  const asked: string[] = [];
  const client = await openHeadlessEngine({
    dataDir,
    clock,
    openSocket: relay.openSocket,
    http: (request) => {
      asked.push(`${request.method} ${request.path}`);
      return relay.http(request);
    },
    host: {
      secrets: {
        load: async () => null,
        save: async () => {
          if (isFull) throw new ParleyError('storage_failed', { message: 'The disk is full.' });
        },
        erase: async () => {},
      },
    },
  });
  onTestFinished(() => client.stop());
  const login = () => client.invoke('session.login', { address: relay.base, ...credentials });
  await expect(login()).rejects.toMatchObject({ code: 'storage_failed' });
  expect(asked).toContain('DELETE /v1/sessions/current');
  isFull = false;
  expect(await login()).toMatchObject({ state: 'signed-in' });
});

test('a rebuild that the disk refuses loses nothing that waits: the next try finds it', async () => {
  const setting = await scriptedSetting();
  const folder = await temporaryFolder();
  const self = () => setting.relay.self;
  const { store } = openHistory(folder, self, setting.clock);
  const conversation = createId<ConversationId>();
  const id = createId<MessageId>();
  store.outbox.add({ conversation, id, content: new Uint8Array(1), text: 'typed', replyTo: null, typedAt: 1 });
  store.close();

  const onFullDisk = () => {
    throw sqliteError('SQLITE_FULL');
  };
  expect(() => rebuildHistory(folder, onFullDisk, setting.clock)).toThrow();
  const rebuilt = rebuildHistory(folder, self, setting.clock);
  onTestFinished(() => rebuilt.store.close());
  expect(rebuilt.store.outbox.get(id)).toMatchObject({ text: 'typed' });
});

test('a rebuild under way does not touch the history of whoever logs in meanwhile', async () => {
  const setting = await scriptedSetting();
  const { relay, clock, dataDir, open } = setting;
  const conversation = relay.addConversation();
  const folder = folderOf(dataDir, recordOf(setting));
  let isBroken = true;
  const client = await open({
    sealer: {
      ...plainSealer,
      async seal(input) {
        if (!isBroken) return plainSealer.seal(input);
        rmSync(folder, { recursive: true });
        writeFileSync(folder, 'in the way, so that no new history can be made');
        throw sqliteError('SQLITE_CORRUPT');
      },
    },
  });
  const isOnline = async () => (await client.invoke('connection.get')).state === 'online';
  await clock.until(isOnline);
  await client.invoke('messages.send', { conversation, text: 'breaks' });
  await settle();
  await client.invoke('session.logout', { erase: false });
  isBroken = false;
  rmSync(folder);
  await client.invoke('session.login', { address: relay.base, ...credentials });
  await clock.until(isOnline);
  await clock.advance(20_000);
  expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toEqual([]);
  await client.invoke('messages.send', { conversation, text: 'works' });
  await clock.until(() => relay.logOf(conversation).messages.length === 1);
  expect((await allMessages(client, conversation)).map(textOf)).toEqual(['works']);
});

test('damage that a timer meets is reported like any other, and does not end the process', async () => {
  const setting = await scriptedSetting();
  const { relay, clock, dataDir } = setting;
  relay.up = false;
  const store = openStore(join(dataDir, 'history.db'), () => relay.self);
  const onDamaged = vi.fn();
  const damaged = () => {
    throw sqliteError('SQLITE_CORRUPT');
  };
  const workspace = openWorkspace({
    deps: {
      dataDir,
      clock,
      host: { secrets: { load: async () => null, save: async () => {}, erase: async () => {} } },
      device: { name: 'Test', platform: 'linux' },
      appVersion: '0',
      random: () => 0.5,
      log: silentLog,
      openSocket: relay.openSocket,
      http: relay.http,
      sealer: plainSealer,
    },
    token: 'token',
    store: { ...store, conversationViews: { ...store.conversationViews, get: damaged } },
    health: createStorageHealth({ onChanged() {}, onDamaged }),
    pages: createEventHub(),
    guest: createEventHub(),
    record: () => recordOf(setting),
    updateRecord() {},
    notice() {},
    onSessionEnded() {},
  });
  onTestFinished(() => workspace.close());
  workspace.changes.conversation(createId<ConversationId>());
  await clock.advance(300);
  expect(onDamaged).toHaveBeenCalled();
});

test('an answer about an account that comes after another one logged in changes nothing', async () => {
  const { relay, open } = await scriptedSetting();
  let answer = () => {};
  const late = new Promise<void>((resolve) => (answer = resolve));
  let user = relay.self;
  const account = () => ({ ...user, email: null, phone: null, createdAt: 0 });
  const ann = account();
  const client = await open({
    http: async (request) => {
      if (request.method === 'PATCH') {
        await late;
        return { status: 200, body: { account: ann }, retryAfterMs: undefined };
      }
      const given = await relay.http(request);
      if (request.path !== '/v1/sessions') return given;
      return { ...given, body: { account: account(), device: createId<DeviceId>(), token: 'token' } };
    },
  });
  const update = client.invoke('account.update', { displayName: 'Annie' });
  await settle();
  await client.invoke('session.logout', { erase: false });
  user = relay.peer;
  await client.invoke('session.login', { address: relay.base, username: 'ben', password: 'password' });
  answer();
  await expect(update).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(await client.invoke('session.get')).toMatchObject({ account: { id: relay.peer.id } });
});

test('a timer set for longer than Node can count does not run at once', async () => {
  const ran: string[] = [];
  const cancel = systemClock.after(2 ** 40, () => ran.push('far'));
  await new Promise<void>((resolve) => systemClock.after(5, resolve));
  cancel();
  expect(ran).toEqual([]);
});
