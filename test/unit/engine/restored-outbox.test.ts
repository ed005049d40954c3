/** What waits in a history that came out of a backup: it may have been sent since, so nothing of it is changed in place. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createOwnChanges } from '../../../main/engine/messaging/own-changes.ts';
import { clearRestored, markRestored } from '../../../main/engine/storage/restored-mark.ts';
import { openStore } from '../../../main/engine/storage/store.ts';
import { createId, encodeContent, type ConversationId, type MessageId, type UserId } from '../../../protocol/index.ts';
import { temporaryFolder } from '../../support/engine-client.ts';

const ann = { id: createId<UserId>(), username: 'ann', displayName: 'Ann' };

test('an edit and a deletion follow behind a waiting message until a sync has told whether it was sent', async () => {
  const store = openStore(join(await temporaryFolder(), 'history.db'), () => ann);
  onTestFinished(() => store.close());
  const conversation = createId<ConversationId>();
  const message = createId<MessageId>();
  const content = encodeContent({ kind: 'text', text: 'teh' });
  store.transact(() => {
    const cursors = [{ user: ann.id, delivered: 0, read: 0 }];
    store.conversations.save({
      id: conversation,
      kind: 'direct',
      epoch: 0,
      head: 0,
      createdAt: 1,
      activeAt: 1,
      cursors,
    });
    store.outbox.add({
      kind: 'message',
      target: null,
      conversation,
      id: message,
      content,
      text: 'teh',
      replyTo: null,
      typedAt: 2,
    });
    markRestored(store.state, 3);
  });
  const changes = createOwnChanges({ store, now: () => 4 });
  const waiting = () => store.outbox.all().map(({ kind, text }) => ({ kind, text }));

  changes.edit({ conversation, message }, 'the');
  expect(waiting()).toEqual([
    { kind: 'message', text: 'teh' },
    { kind: 'edit', text: 'the' },
  ]);
  expect(store.messageViews.byId(conversation, message)?.content).toMatchObject({ text: 'the' });
  expect(changes.delete({ conversation, message })).toBeNull();
  expect(waiting().map(({ kind }) => kind)).toEqual(['message', 'edit', 'delete']);

  store.transact(() => {
    for (const { id, kind } of store.outbox.all()) if (kind !== 'message') store.outbox.remove(id);
    clearRestored(store.state);
  });
  changes.edit({ conversation, message }, 'the');
  expect(waiting()).toEqual([{ kind: 'message', text: 'the' }]);
});
