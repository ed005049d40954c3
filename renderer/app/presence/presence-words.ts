/** Presence as the header says it. */
import type { PersonView, PresenceView } from '../../../bridge/views.ts';
import { daysBetween, dayAndTime } from '../time/time-words.ts';

const justNowMs = 60_000;

export function presenceWords(presence: PresenceView | undefined, now: number, locale?: string): string {
  if (!presence || presence.state === 'unknown') return '';
  if (presence.state === 'online') return 'online';
  if (presence.state === 'unclear') return 'presence unknown for now';
  const at = presence.lastActiveAt;
  if (at === null) return 'offline';
  if (now - at < justNowMs) return 'last seen just now';
  const on = daysBetween(at, now) > 1 ? 'on ' : '';
  return `last seen ${on}${dayAndTime(at, now, locale)}`;
}

/** `direct`: it is clear who types. */
export function typingWords(people: readonly PersonView[], direct: boolean): string {
  const [first, second] = people;
  if (!first) return '';
  if (direct) return 'typing…';
  if (!second) return `${first.displayName} is typing…`;
  return people.length === 2
    ? `${first.displayName} and ${second.displayName} are typing…`
    : `${people.length} people are typing…`;
}
