/** A contiguous stretch of a conversation's messages, and how pages and changes are merged into it. Pure. */
import type { MessagePage, MessageView } from '../../../bridge/views.ts';
import type { MessageId } from '../ids.ts';

export interface MessageWindow {
  /** Sorted by `order`, without gaps inside. */
  readonly messages: readonly MessageView[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
}

export interface MessageChange {
  readonly messages: readonly MessageView[];
  readonly removed: readonly MessageId[];
}

export const emptyWindow: MessageWindow = { messages: [], hasOlder: false, hasNewer: false };

export function windowOf({ messages, hasOlder, hasNewer }: MessagePage): MessageWindow {
  return { messages: sorted(messages), hasOlder, hasNewer };
}

function sorted(messages: readonly MessageView[]): MessageView[] {
  return [...messages].sort((a, b) => a.order - b.order);
}

/** What the window holds already stays: it may have changed since the page was asked for. */
function union(known: readonly MessageView[], added: readonly MessageView[]): MessageView[] {
  const ids = new Set(known.map(({ id }) => id));
  return sorted([...known, ...added.filter(({ id }) => !ids.has(id))]);
}

export function withOlder(window: MessageWindow, page: MessagePage): MessageWindow {
  return { ...window, messages: union(window.messages, page.messages), hasOlder: page.hasOlder };
}

export function withNewer(window: MessageWindow, page: MessagePage): MessageWindow {
  return { ...window, messages: union(window.messages, page.messages), hasNewer: page.hasNewer };
}

/**
 * Replaces messages that the window holds and takes in new ones at its open end. One that lies beyond an end with
 * more to load is left out, or the window would have a hole; the page that holds it comes when it is scrolled to.
 */
export function withChange(window: MessageWindow, change: MessageChange): MessageWindow {
  const { messages, hasOlder, hasNewer } = window;
  const removed = new Set(change.removed);
  const changed = new Map(change.messages.map((message) => [message.id, message]));
  const kept = messages
    .filter(({ id }) => !removed.has(id))
    .map((message) => {
      const next = changed.get(message.id);
      changed.delete(message.id);
      return next ?? message;
    });
  const first = messages[0]?.order ?? Infinity;
  const last = messages[messages.length - 1]?.order ?? -Infinity;
  const added = [...changed.values()].filter(({ order, id }) => {
    if (removed.has(id)) return false;
    return !(hasOlder && order < first) && !(hasNewer && order > last);
  });
  return { ...window, messages: sorted([...kept, ...added]) };
}
