/** Streams the messages that a session lacks, a batch at a time. */
import type { Feed } from './feed.ts';
import { say } from './frames-out.ts';
import { logBatch } from './log-batch.ts';
import type { RelayParts } from './relay-parts.ts';
import type { OpenSession } from './session.ts';

/**
 * Sends the next batch of the first conversation that lags. Once it has caught up, live messages reach it directly.
 * @returns how many bytes of payload were sent.
 */
export async function catchUp({ store, metrics }: RelayParts, session: OpenSession, feed: Feed): Promise<number> {
  const [first] = feed.behind;
  if (!first) return 0;
  const [conversation, range] = first;
  const messages = await store.log.read(conversation, { from: range.next, to: range.upTo, ...logBatch });
  // A sync that was asked for while the store was reading starts this conversation over.
  if (feed.behind.get(conversation) !== range) return 0;
  const last = messages.at(-1);
  if (!last) {
    feed.behind.delete(conversation);
    return 0;
  }
  say(session, { type: 'deliver', conversation, messages });
  metrics.messagesDelivered(messages.length);
  range.next = last.seq + 1;
  if (range.next > range.upTo) feed.behind.delete(conversation);
  return messages.reduce((sum, { payload }) => sum + payload.byteLength, 0);
}
