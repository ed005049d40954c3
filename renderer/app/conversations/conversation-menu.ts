/** The menu of a conversation: what it offers depends on what is so already. */
import Bell from '@lucide/svelte/icons/bell';
import BellOff from '@lucide/svelte/icons/bell-off';
import MailOpen from '@lucide/svelte/icons/mail-open';
import Pin from '@lucide/svelte/icons/pin';
import PinOff from '@lucide/svelte/icons/pin-off';
import type { ConversationView } from '../../../bridge/views.ts';
import type { MenuItem } from '../parts/menu-items.ts';
import { daysBetween, listTime, timeOfDay } from '../time/time-words.ts';
import type { RowActs } from './row-acts.ts';

const hour = 3_600_000;
const spans = [
  { words: '1 hour', forMs: hour },
  { words: '8 hours', forMs: 8 * hour },
  { words: '1 week', forMs: 7 * 24 * hour },
  { words: 'Always', forMs: null },
] as const;

export function conversationMenu(conversation: ConversationView, acts: RowActs, now: number): MenuItem[] {
  return [
    pinItem(conversation, acts),
    ...(conversation.unread > 0
      ? [{ words: 'Mark as read', icon: MailOpen, act: () => acts.markRead(conversation) }]
      : []),
    ...(conversation.notes ? [] : muteItems(conversation, acts, now)),
  ];
}

function pinItem(conversation: ConversationView, acts: RowActs): MenuItem {
  const pinned = conversation.pinnedAt !== null;
  return {
    words: pinned ? 'Unpin' : 'Pin to top',
    icon: pinned ? PinOff : Pin,
    act: () => acts.pin(conversation, !pinned),
  };
}

export function muteItems(conversation: ConversationView, acts: RowActs, now: number): MenuItem[] {
  if (conversation.muted) {
    const note = mutedWords(conversation, now);
    return [{ words: 'Unmute', icon: Bell, note, group: '', act: () => acts.unmute(conversation) }];
  }
  return spans.map(({ words, forMs }, index) => ({
    words,
    icon: BellOff,
    ...(index === 0 ? { group: 'Mute for' } : {}),
    act: () => acts.mute(conversation, forMs),
  }));
}

/** "until 14:20", "until Mon 14:20", "always". */
export function mutedWords({ mutedUntil }: ConversationView, now: number, locale?: string): string {
  if (mutedUntil === null) return 'always';
  const days = daysBetween(now, mutedUntil);
  if (days <= 0) return `until ${timeOfDay(mutedUntil, locale)}`;
  if (days === 1) return `until tomorrow, ${timeOfDay(mutedUntil, locale)}`;
  return `until ${listTime(mutedUntil, now, locale)}`;
}
