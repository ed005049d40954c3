/** What the banner says of a connection: words, whether it counts as trouble, and what can be done. */
import type { ConnectionView } from '../../../bridge/views.ts';
import type { CatchUp } from './catch-up.ts';

export interface BannerWords {
  readonly tone: 'calm' | 'warning' | 'danger';
  readonly text: string;
  /** Words for the button that tries again; null where it would not help. */
  readonly retry: string | null;
  /** Between 0 and 1; null without progress. */
  readonly progress: number | null;
}

const worthTelling = 20;

/** "relay.example.org" of "https://relay.example.org:8443". */
export function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}

/**
 * @param caughtUp what all connections together got so far; without it the present one counts alone
 * @returns null where there is nothing to tell
 */
export function bannerWords(
  view: ConnectionView,
  address: string,
  now: number,
  caughtUp: CatchUp | null = null,
): BannerWords | null {
  if (view.state === 'online') return null;
  if (view.state === 'connecting' || view.state === 'offline') {
    return { tone: 'calm', text: `Connecting to ${hostOf(address)}…`, retry: null, progress: null };
  }
  if (view.state === 'syncing') return syncing(caughtUp ?? view);
  if (view.state === 'stopped') {
    return { tone: 'danger', text: view.fault.message, retry: 'Try again', progress: null };
  }
  const why = view.fault.code === 'relay_unreachable' ? `Can’t reach ${hostOf(address)}.` : view.fault.message;
  const text = `${why} Your messages will be sent when it is back. ${nextTry(view.retryAt - now)}`;
  return { tone: 'warning', text, retry: 'Try now', progress: null };
}

function syncing({ received, total }: CatchUp): BannerWords | null {
  if (total < worthTelling) return null;
  const text = `Getting messages: ${received.toLocaleString()} of ${total.toLocaleString()}`;
  return { tone: 'calm', text, retry: null, progress: Math.min(1, received / total) };
}

function nextTry(leftMs: number): string {
  const seconds = Math.ceil(leftMs / 1_000);
  if (seconds <= 0) return 'Trying now…';
  if (seconds < 90) return `Next try in ${seconds} s.`;
  return `Next try in ${Math.round(seconds / 60)} min.`;
}
