/** Turns the messages of a conversation into rows: where days begin, where the unread begin, who stands together. */
import type { MessageView } from '../../../bridge/views.ts';
import type { MessageId } from '../ids.ts';
import { sameDay } from '../time/time-words.ts';

/** Messages of one sender stand together while no more than this lies between two of them. */
const groupMs = 5 * 60_000;

export interface MessageRow {
  readonly message: MessageView;
  /** The first of its day: the day stands above it. */
  readonly startsDay: boolean;
  /** The "New" line stands above it. */
  readonly startsUnread: boolean;
  /** First and last of those that stand together. */
  readonly startsGroup: boolean;
  readonly endsGroup: boolean;
}

interface RowOptions {
  readonly firstUnread: MessageId | null;
  /** Whether older messages are still to be loaded: then nobody knows yet whether the first one begins its day. */
  readonly hasOlder: boolean;
}

function standTogether(before: MessageView, after: MessageView): boolean {
  return (
    before.sender.id === after.sender.id &&
    Math.abs(after.time - before.time) <= groupMs &&
    sameDay(before.time, after.time)
  );
}

export function messageRows(messages: readonly MessageView[], { firstUnread, hasOlder }: RowOptions): MessageRow[] {
  const joins = messages.map((message, index) => {
    const before = messages[index - 1];
    return before !== undefined && message.id !== firstUnread && standTogether(before, message);
  });
  return messages.map((message, index) => {
    const before = messages[index - 1];
    return {
      message,
      startsDay: before === undefined ? !hasOlder : !sameDay(before.time, message.time),
      startsUnread: message.id === firstUnread,
      startsGroup: joins[index] !== true,
      endsGroup: joins[index + 1] !== true,
    };
  });
}
