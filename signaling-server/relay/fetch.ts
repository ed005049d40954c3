/** Answers a device that asks for a range of messages: to fill a hole, or to scroll back. */
import { ParleyError } from '../../protocol/index.ts';
import type { FetchFrame } from './feed.ts';
import { errorFrame, refusals, say } from './frames-out.ts';
import { logBatch } from './log-batch.ts';
import { isAway } from '../runtime/is-away.ts';
import type { RelayParts } from './relay-parts.ts';
import type { OpenSession } from './session.ts';

/** @returns how many bytes of payload it gave; never rejects. */
export async function answerFetch(
  { store, log }: RelayParts,
  session: OpenSession,
  frame: FetchFrame,
): Promise<number> {
  const { ref, conversation, from, to } = frame;
  const refuse = (error: ParleyError): number => {
    say(session, errorFrame(error, { ref, conversation }));
    return 0;
  };
  try {
    const known = await store.conversations.get(conversation, session.user);
    if (!known) return refuse(new ParleyError('not_found', { message: refusals.not_found }));
    if (from > known.head) return refuse(new ParleyError('seq_ahead', { message: refusals.seq_ahead }));
    if (to < from)
      return refuse(new ParleyError('bad_request', { message: 'Ask for a range that ends after it begins.' }));
    const messages = await store.log.read(conversation, { from, to, ...logBatch });
    say(session, { type: 'fetched', ref, conversation, head: known.head, messages });
    return messages.reduce((sum, { payload }) => sum + payload.byteLength, 0);
  } catch (cause) {
    if (!isAway(cause)) log.warn('fetch.failed', { error: cause });
    return refuse(
      cause instanceof ParleyError
        ? cause
        : new ParleyError('internal', { message: 'The relay could not read these messages. Try again.' }),
    );
  }
}
