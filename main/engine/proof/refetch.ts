/** Fetches messages again that are in doubt: those that differ from what is stored, or are missing, are put right. */
import type { ConversationId } from '../../../protocol/index.ts';
import type { RelayAsks } from './relay-asks.ts';

export interface Refetched {
  /** So many differed or were missing. */
  readonly mended: number;
  /** The last one that the relay does not have, of those that it lacks at the beginning of a page; null when none. */
  readonly lacks: number | null;
}

/** @param mended messages that were put right just now. @param inDoubt those that are looked at. */
export type OnRepair = (mended: number, inDoubt: number) => void;

/** @param to the last one, included. */
export async function refetch(
  asks: RelayAsks,
  conversation: ConversationId,
  from: number,
  to: number,
  onRepair: OnRepair,
): Promise<Refetched> {
  let mended = 0;
  let lacks: number | null = null;
  onRepair(0, to - from + 1);
  for (let next = from; next <= to;) {
    const answer = await asks.messages(conversation, next, to);
    mended += answer.mended;
    onRepair(answer.mended, to - next + 1 - answer.mended);
    const { messages } = answer.frame;
    const first = messages[0]?.seq ?? to + 1;
    if (first > next) lacks = Math.min(first - 1, to);
    // An answer that leads nowhere would be the same a moment later.
    next = Math.max(messages.at(-1)?.seq ?? to, next) + 1;
  }
  return { mended, lacks };
}
