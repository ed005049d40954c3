/** Turns the messages of a conversation into rows: where days begin, where the unread begin, who stands together. */
import type { MessageView } from '../../../bridge/views.ts';
import type { MessageId } from '../ids.ts';

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

/**
 * For each message whether it is on another local day than the one before it. The bounds of a day are worked out once
 * a day and not once a message: this runs over thousands of messages whenever one changes.
 */
function dayChanges(messages: readonly MessageView[]): boolean[] {
  let from = NaN;
  let to = NaN;
  return messages.map(({ time }) => {
    if (time >= from && time < to) return false;
    const day = new Date(time);
    from = day.setHours(0, 0, 0, 0);
    to = day.setDate(day.getDate() + 1);
    return true;
  });
}

function standTogether(before: MessageView, after: MessageView): boolean {
  return before.sender.id === after.sender.id && Math.abs(after.time - before.time) <= groupMs;
}

export function messageRows(messages: readonly MessageView[], { firstUnread, hasOlder }: RowOptions): MessageRow[] {
  const changesDay = dayChanges(messages);
  const joins = messages.map((message, index) => {
    const before = messages[index - 1];
    return before !== undefined && !changesDay[index] && message.id !== firstUnread && standTogether(before, message);
  });
  return messages.map((message, index) => ({
    message,
    startsDay: changesDay[index] === true && !(index === 0 && hasOlder),
    startsUnread: message.id === firstUnread,
    startsGroup: joins[index] !== true,
    endsGroup: joins[index + 1] !== true,
  }));
}
