/** Fills a store with something of everything a relay keeps, for tests of moving and proving data. */
import { createHash, randomBytes } from 'node:crypto';
import { blobIdSchema, createId, type BlobId, type ConversationId, type MessageId } from '../../protocol/index.ts';
import type { NewMessage, Store } from '../../signaling-server/ports/store.ts';
import { firstLink, nextLink } from '../../signaling-server/relay/fold.ts';
import { addConversation, addPerson, type TestDevice } from './relay-core.ts';

export interface StoredHistory {
  readonly people: readonly TestDevice[];
  readonly conversations: readonly ConversationId[];
  /** Held, and uploaded by nobody: their bytes are nowhere. */
  readonly blobs: readonly BlobId[];
}

const begun = 1_790_000_000_000;
const groupSize = 500;

/** Everybody talks with the next one, and the first with themselves. `messages` in all. */
export async function fillStore(
  store: Store,
  { people: count, messages }: { readonly people: number; readonly messages: number },
): Promise<StoredHistory> {
  const people: TestDevice[] = [];
  for (let index = 0; index < count; index++) people.push(await addPerson(store));
  const conversations: ConversationId[] = [];
  for (const [index, person] of people.entries())
    conversations.push(await addConversation(store, person, people[(index + 1) % count] ?? person));
  await addMessages(store, people, conversations, messages);
  await changePeople(store, people);
  await store.invites.create({
    ...{ label: 'spent', hash: randomBytes(32), createdAt: begun, expiresAt: null },
    ...{ uses: 1, maxUses: 1, revoked: false },
  });
  const [first] = people;
  const [conversation] = conversations;
  const blobs = first && conversation ? await addBlobs(store, first, conversation) : [];
  return { people, conversations, blobs };
}

/** In turns, so that conversations lie across one another in the log. */
async function addMessages(
  store: Store,
  people: readonly TestDevice[],
  conversations: readonly ConversationId[],
  messages: number,
): Promise<void> {
  const chains = new Map(conversations.map((id) => [id, { seq: 0, link: firstLink(id) }]));
  for (let done = 0; done < messages; done += groupSize) {
    const group = Array.from({ length: Math.min(groupSize, messages - done) }, (_, index) =>
      newMessage(people, conversations, done + index),
    );
    const outcomes = await store.log.append(group, begun + done);
    for (const [index, outcome] of outcomes.entries()) {
      const message = group[index];
      if (!message || outcome.state !== 'accepted') throw new Error('A message was not stored.');
      const at = chains.get(message.conversation) ?? { seq: 0, link: firstLink(message.conversation) };
      const next = { seq: outcome.seq, link: nextLink(at.link, { ...message, seq: outcome.seq }) };
      chains.set(message.conversation, next);
      if (next.seq % 256 === 0) await store.chains.keep(message.conversation, [next]);
    }
  }
  for (const [index, conversation] of conversations.entries()) {
    const { seq, link } = chains.get(conversation) ?? { seq: 0, link: firstLink(conversation) };
    const person = people[index];
    if (!person || seq === 0) continue;
    const { user, device } = person;
    await store.conversations.advance([{ conversation, user, delivered: seq, read: Math.max(1, seq - 3) }]);
    await store.chains.attest([{ conversation, user, device, seq, link, at: begun }]);
  }
}

function newMessage(
  people: readonly TestDevice[],
  conversations: readonly ConversationId[],
  index: number,
): NewMessage {
  const place = index % conversations.length;
  const conversation = conversations[place];
  const sender = people[index % 2 === 0 ? place : (place + 1) % people.length];
  if (!conversation || !sender) throw new Error('There is nobody to send.');
  const payload = createHash('sha512')
    .update(String(index))
    .digest()
    .subarray(0, index % 64);
  const { user, device } = sender;
  return { conversation, user, device, id: createId<MessageId>(), epoch: 0, kind: 'content', payload };
}

/** One renamed, one disabled, one logged out on a device that is to erase itself, one seen again later. */
async function changePeople(store: Store, people: readonly TestDevice[]): Promise<void> {
  const [renamed, disabled, lost, seen] = people;
  if (renamed) {
    const changes = { displayName: 'Ångström Straße, née Ünal', email: 'a@example.org', phone: '+4912345678' };
    await store.accounts.update(renamed.user, changes);
  }
  if (disabled) await store.accounts.update(disabled.user, { disabled: true });
  if (lost) await store.devices.revoke(lost.user, [lost.device], { erase: true });
  if (seen) {
    await store.devices.touch([{ device: seen.device, user: seen.user, at: begun + 7 }]);
    await store.devices.raiseGeneration(seen.device, 3);
  }
}

async function addBlobs(store: Store, { user }: TestDevice, conversation: ConversationId): Promise<BlobId[]> {
  const noLimits = { quotaBytes: null, uploads: 100 };
  const blobs = Array.from({ length: 4 }, () => blobIdSchema.parse(randomBytes(32).toString('hex')));
  const [held, letGo, half, again] = blobs;
  for (const [index, blob] of blobs.entries()) {
    const hold = { user, conversation, blob, bytes: 1_000 + index, at: begun };
    await store.blobs.begin(hold, noLimits);
    if (blob !== half) await store.blobs.complete(hold, begun + index);
  }
  if (letGo) await store.blobs.release({ user, conversation, blob: letGo });
  return [held, again].filter((blob) => blob !== undefined);
}
