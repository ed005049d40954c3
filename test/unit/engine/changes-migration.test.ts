/** A history of before messages could be changed: it opens, and what it could not read then changes messages now. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { GuestContract } from '../../../bridge/host-contract.ts';
import { createChanges } from '../../../main/engine/messaging/changes.ts';
import { rereadMessages } from '../../../main/engine/messaging/reread.ts';
import { createEventHub } from '../../../main/engine/runtime/event-hub.ts';
import { plainSealer } from '../../../main/engine/sealing/plain-sealer.ts';
import { restore, salvage } from '../../../main/engine/storage/damage.ts';
import { openDatabase } from '../../../main/engine/storage/database.ts';
import { historyMigrations } from '../../../main/engine/storage/migrations.ts';
import { openStore, type Store } from '../../../main/engine/storage/store.ts';
import {
  createId,
  encodeContent,
  type AccountContent,
  type Content,
  type ConversationId,
  type DeviceId,
  type MessageId,
  type UserId,
} from '../../../protocol/index.ts';
import { temporaryFolder } from '../../support/engine-client.ts';
import { EngineClock } from '../../support/engine-clock.ts';

const ann = { id: createId<UserId>(), username: 'ann', displayName: 'Ann' };
const ben = { id: createId<UserId>(), username: 'ben', displayName: 'Ben' };
const conversation = createId<ConversationId>();
const id = createId<MessageId>;

/** The landed second step of the schema, with Ann's history of a talk with Ben in it. */
function writeOldHistory(file: string, entries: readonly Content[], ids: readonly MessageId[]): MessageId {
  const database = openDatabase({ file, migrations: historyMigrations.slice(0, 2) });
  for (const [key, person] of [ann, ben].entries()) {
    database.prepare('INSERT INTO people VALUES (?, ?, ?, ?)').run(key + 1, person.id, person.username, 'Somebody');
  }
  database
    .prepare("INSERT INTO conversations VALUES (1, ?, 'direct', 0, ?, ?, ?, 0, ?)")
    .run(conversation, entries.length, entries.length, entries.length, entries.length);
  database.exec('INSERT INTO cursors VALUES (1, 1, 0, 0), (1, 2, 0, 0)');
  for (const [place, content] of entries.entries()) {
    const text = content.kind === 'text' ? content.text : null;
    database
      .prepare("INSERT INTO messages VALUES (?, 1, ?, ?, 2, ?, 0, 'content', ?, ?, ?, NULL, ?)")
      .run(
        (place + 1) * 1_024,
        place + 1,
        ids[place],
        createId<DeviceId>(),
        place + 1,
        text === null ? 'unsupported' : 'text',
        text,
        new Uint8Array([0, ...encodeContent(content)]),
      );
    if (text !== null) {
      database.prepare('INSERT INTO message_index (rowid, text) VALUES (?, ?)').run((place + 1) * 1_024, text);
    }
  }
  const waiting = id();
  database
    .prepare('INSERT INTO outbox (conversation, id, content, text, typed_at) VALUES (?, ?, ?, ?, 9)')
    .run(conversation, waiting, encodeContent({ kind: 'text', text: 'waiting' }), 'waiting');
  database.close();
  return waiting;
}

async function reread(store: Store): Promise<AccountContent['values'][]> {
  const accountValues: AccountContent['values'][] = [];
  const changes = createChanges(
    new EngineClock(),
    store,
    createEventHub<EngineContract>(),
    createEventHub<GuestContract>(),
  );
  const { signal } = new AbortController();
  const intake = {
    store: (_: ConversationId, __: unknown, values: AccountContent['values']) => void accountValues.push(values),
    stored() {},
  };
  await rereadMessages({ store, sealer: plainSealer, changes, accountValues: intake, signal });
  changes.stop();
  return accountValues;
}

test('a history of before opens, and what could not be read in it changes messages', async () => {
  const file = join(await temporaryFolder(), 'history.db');
  const [first, second] = [id(), id()];
  const entries: Content[] = [
    { kind: 'text', text: 'tea at five' },
    { kind: 'text', text: 'never mind' },
    { kind: 'edit', target: first, text: 'tea at six' },
    { kind: 'delete', target: second },
    { kind: 'reaction', target: first, emoji: '👍', on: true },
    { kind: 'account', values: [{ name: 'pin:x', value: '{"at":1}' }] },
  ];
  const waiting = writeOldHistory(file, entries, [first, second, id(), id(), id(), id()]);

  const store = openStore(file, () => ann);
  onTestFinished(() => store.close());
  expect(store.outbox.next(conversation)).toMatchObject({ id: waiting, kind: 'message', target: null });
  store.transact(() => store.outbox.remove(waiting));
  expect(store.messageViews.newer(conversation, 0, 10).map(({ content }) => content.kind)).toEqual([
    ...['text', 'text', 'unsupported', 'unsupported', 'unsupported', 'unsupported'],
  ]);
  expect(await reread(store)).toEqual([[{ name: 'pin:x', value: '{"at":1}' }]]);
  expect(store.messageViews.newer(conversation, 0, 10)).toMatchObject([
    { id: first, content: { text: 'tea at six' }, edited: true, editedAt: 3, reactions: [{ emoji: '👍', count: 1 }] },
    { id: second, content: { kind: 'deleted' }, reactions: [] },
  ]);
  expect(store.conversationViews.get(conversation)).toMatchObject({
    unread: 2,
    preview: { kind: 'deleted' },
    activeAt: 2,
  });
  expect(await reread(store)).toEqual([]);
});

test('changes that wait in a damaged history are saved as changes, not as messages', async () => {
  const folder = await temporaryFolder();
  const old = openStore(join(folder, 'old.db'), () => ann);
  const target = id();
  const content = encodeContent({ kind: 'edit', target, text: 'later' });
  old.transact(
    () =>
      void old.outbox.add({
        conversation,
        id: id(),
        kind: 'edit',
        target,
        content,
        text: 'later',
        replyTo: null,
        typedAt: 5,
      }),
  );
  old.close();
  const store = openStore(join(folder, 'new.db'), () => ann);
  onTestFinished(() => store.close());
  restore(store, salvage(join(folder, 'old.db')));
  expect(store.outbox.changesTo(conversation, [target]).get(target)).toMatchObject([{ kind: 'edit', text: 'later' }]);
});
