/** Whether a file of a size can be sent here, and what the person should know before it is. */
import type { SendLimits } from '../../../bridge/media-views.ts';
import { bytesWords } from '../media/media-words.ts';

export interface Judgement {
  readonly sendable: boolean;
  /** Null while there is nothing to say. */
  readonly words: string | null;
}

const fine: Judgement = { sendable: true, words: null };

/**
 * @param limits null while they are not known: the engine judges again when it sends.
 * @param to the name of the conversation
 */
export function judgeSize(bytes: number, limits: SendLimits | null, to: string): Judgement {
  if (!limits) return fine;
  const { relayBytes, direct, othersOnline, fileBytes } = limits;
  if (bytes > fileBytes) return refused(`Too large to send: a file may have at most ${bytesWords(fileBytes)}.`);
  if (relayBytes === null || bytes <= relayBytes) return fine;
  if (!direct) return refused(tooLargeForRelay(relayBytes));
  const reason = relayBytes > 0 ? `Larger than the relay takes (${bytesWords(relayBytes)}).` : 'The relay has no room.';
  const when = othersOnline
    ? `It goes directly while ${to} is online; keep Parley open.`
    : `It goes directly once ${to} is online; keep Parley open until then.`;
  return { sendable: true, words: `${reason} ${when}` };
}

function tooLargeForRelay(relayBytes: number): string {
  return relayBytes > 0
    ? `Too large to send: the relay takes files of at most ${bytesWords(relayBytes)} from you.`
    : 'Can’t be sent: your space on the relay is used up. Ask its admin for more.';
}

function refused(words: string): Judgement {
  return { sendable: false, words };
}
