/** A history out of a backup: what waits in it may have been sent since, and only the sync can tell. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import type { MessageId, RelayFrame } from '../../../protocol/index.ts';
import { scriptedSetting, sealedText } from '../../support/engine-client.ts';
import { accountFolderOf } from '../../support/engine-data.ts';
import { eventually, texts } from '../../support/engine-people.ts';

/** @returns the ids that were sent before the sync was over, and after it. */
async function sentAround(isRestored: boolean): Promise<{ before: MessageId[]; after: MessageId[]; ids: MessageId[] }> {
  const setting = await scriptedSetting();
  const { relay, dataDir } = setting;
  const conversation = relay.addConversation();
  const first = await setting.open();
  await eventually(() => first.invoke('conversations.get', { conversation }));
  relay.up = false;
  relay.cut();
  const ids: MessageId[] = [];
  for (const text of ['sent since', 'never sent']) {
    ids.push((await first.invoke('messages.send', { conversation, text })).id);
  }
  await first.stop();
  const [sentId] = ids;
  if (isRestored) markRestored(dataDir);
  relay.append(conversation, {
    ...(sentId ? { id: sentId } : {}),
    user: relay.self.id,
    payload: sealedText('sent since'),
  });

  const held: RelayFrame[] = [];
  relay.meddle = (frames) => {
    held.push(...frames.filter(({ type }) => type === 'deliver' || type === 'synced'));
    return frames.filter(({ type }) => type !== 'deliver' && type !== 'synced');
  };
  relay.up = true;
  relay.received.length = 0;
  const again = await setting.open();
  await eventually(async () => expect(await again.invoke('connection.get')).toMatchObject({ state: 'syncing' }));
  for (let turns = 0; turns < 50; turns++) await nextTurn();
  const sends = () => relay.received.flatMap((frame) => (frame.type === 'send' ? [frame.id] : []));
  const before = sends();
  relay.meddle = (frames) => frames;
  relay.tell(...held);
  await eventually(async () => expect(await texts(again, conversation)).toEqual(['sent since', 'never sent']));
  await eventually(() => expect(sends()).toContain(ids[1]));
  return { before, after: sends().slice(before.length), ids };
}

function markRestored(dataDir: string): void {
  const history = new Sqlite(join(accountFolderOf(dataDir), 'parley.db'));
  history.prepare("INSERT INTO state (name, value) VALUES ('restored', '1')").run();
  history.close();
}

it('sends nothing of a restored outbox before the sync told what was sent since', async () => {
  const { before, after, ids } = await sentAround(true);
  expect(before).toEqual([]);
  expect(after).toEqual([ids[1]]);
});

it('waits with no other history', async () => {
  const { before, ids } = await sentAround(false);
  expect(before).toContain(ids[0]);
});

it('counts as a state that was built anew, until it has caught up', async () => {
  const { relay, dataDir, open } = await scriptedSetting();
  const client = await open();
  const generations = () => relay.received.flatMap((frame) => (frame.type === 'hello' ? [frame.generation] : []));
  await eventually(() => expect(generations()).toEqual([0]));
  const logInAgain = async () => {
    await client.invoke('session.login', { address: relay.base, username: 'ann', password: 'password' });
    await eventually(async () => expect(await client.invoke('connection.get')).toEqual({ state: 'online' }));
    await client.invoke('session.logout', { erase: false });
  };
  await client.invoke('session.logout', { erase: false });
  markRestored(dataDir);
  await logInAgain();
  await logInAgain();
  expect(generations()).toEqual([0, 1, 0]);
});
