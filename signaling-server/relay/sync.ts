/** Brings a device that was away up to date: its conversations first, then what it lacks of each. */
import { limits, ParleyError, type Conversation, type ConversationId } from '../../protocol/index.ts';
import type { Feed, Range } from './feed.ts';
import { errorFrame, refusals, say } from './frames-out.ts';
import { logBatch } from './log-batch.ts';
import type { RelayParts } from './relay-parts.ts';
import type { OpenSession } from './session.ts';

const conversationsPerFrame = 200;
/** As many conversations as a list shows at once, and more messages than a window does. */
const conversationsFirst = 30;
const messagesFirst = 30;

/**
 * Takes stock: which conversations there are, and what of each is missing. Live messages wait until all are listed, so
 * that none is of a conversation that the device has not heard of.
 * @returns the conversations: what of them the device does not hold is left to its feed now.
 */
export async function listConversations(
  { store }: RelayParts,
  session: OpenSession,
  feed: Feed,
): Promise<readonly Conversation[]> {
  const { held } = feed;
  const conversations = await store.conversations.listOf(session.user);
  refuseUnknown(session, held.keys(), conversations);
  const missing = conversations.flatMap((conversation) => {
    const range = missingRange(session, conversation, held.get(conversation.id) ?? 0, feed.behind.get(conversation.id));
    if (range && feed.overlap) range.next = Math.max(1, range.next - 1);
    return range ? [[conversation.id, range] as const] : [];
  });
  feed.behind.clear();
  feed.ends = [];
  for (const [conversation, range] of missing) feed.behind.set(conversation, range);
  feed.held = new Map();
  feed.listing = conversations;
  feed.sync = 'listing';
  return conversations;
}

/** @param live what came in and was held back since the device connected. */
function missingRange(
  session: OpenSession,
  { id, head }: Conversation,
  held: number,
  live: Range | undefined,
): Range | null {
  const upTo = Math.max(head, live?.upTo ?? 0);
  if (held < upTo) return { next: held + 1, upTo, listed: true };
  if (held > upTo) refuse(session, id, 'seq_ahead');
  return null;
}

function refuseUnknown(
  session: OpenSession,
  held: Iterable<ConversationId>,
  conversations: readonly Conversation[],
): void {
  const known = new Set(conversations.map(({ id }) => id));
  for (const conversation of held) {
    if (!known.has(conversation)) refuse(session, conversation, 'not_found');
  }
}

function refuse(session: OpenSession, conversation: ConversationId, code: 'not_found' | 'seq_ahead'): void {
  say(session, errorFrame(new ParleyError(code, { message: refusals[code] }), { conversation }));
}

/** Sends the next page of conversations, the most recently active first, and after the last how much is to come. */
export async function sendListing(parts: RelayParts, session: OpenSession, feed: Feed): Promise<void> {
  const page = feed.listing.slice(0, conversationsPerFrame);
  if (page.length > 0) await sendConversations(parts, session, page);
  if (feed.sync !== 'listing') return;
  feed.listing = feed.listing.slice(conversationsPerFrame);
  if (feed.listing.length > 0) return;
  const messages = [...feed.behind.values()].reduce((sum, { next, upTo }) => sum + upTo - next + 1, 0);
  say(session, { type: 'syncing', conversations: feed.behind.size, messages });
  if (feed.ahead) setEndsApart(feed);
  feed.sync = 'streaming';
}

/**
 * The newest messages of the conversations that people look at come first where they would otherwise wait for long: what is
 * missing of a conversation, and of those before it, is more than one frame holds.
 */
function setEndsApart(feed: Feed): void {
  let before = 0;
  for (const [conversation, range] of [...feed.behind].slice(0, conversationsFirst)) {
    const { next, upTo } = range;
    before += upTo - next + 1;
    const from = upTo - messagesFirst + 1;
    if (before <= limits.batchMessages || from <= next) continue;
    feed.ends.push({ conversation, next: from, upTo });
    range.upTo = from - 1;
  }
}

/** Sends a part of the first end that is set apart. */
export async function sendEnd({ store, metrics }: RelayParts, session: OpenSession, feed: Feed): Promise<void> {
  const [end] = feed.ends;
  if (!end) return;
  const { conversation, next, upTo } = end;
  const messages = await store.log.read(conversation, { from: next, to: upTo, ...logBatch });
  // A sync that was asked for meanwhile starts over.
  if (feed.ends[0] !== end) return;
  const last = messages.at(-1);
  if (last) {
    say(session, { type: 'deliver', conversation, messages });
    metrics.messagesDelivered(messages.length);
    end.next = last.seq + 1;
  }
  if (!last || end.next > upTo) feed.ends.shift();
}

export function finishSync(session: OpenSession, feed: Feed): void {
  if (feed.sync !== 'streaming') return;
  feed.sync = 'none';
  say(session, { type: 'synced' });
}

/** Tells a session that was full about conversations whose changes it did not hear of. */
export async function tellChanged(parts: RelayParts, session: OpenSession, feed: Feed): Promise<void> {
  const ids = [...feed.changed].slice(0, conversationsPerFrame);
  for (const id of ids) feed.changed.delete(id);
  try {
    const found = await Promise.all(ids.map((id) => parts.store.conversations.get(id, session.user)));
    await sendConversations(
      parts,
      session,
      found.filter((conversation) => conversation !== null),
    );
  } catch (error) {
    for (const id of ids) feed.changed.add(id);
    throw error;
  }
}

async function sendConversations(
  { store }: RelayParts,
  session: OpenSession,
  conversations: Conversation[],
): Promise<void> {
  const members = conversations.flatMap(({ cursors }) => cursors.map(({ user }) => user));
  const profiles = await store.accounts.profiles([...new Set(members)]);
  say(session, { type: 'conversations', conversations, profiles });
}
