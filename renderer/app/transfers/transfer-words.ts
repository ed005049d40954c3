/** Transfers in words: which way, how far, why not, what for. */
import type { TransferPath, TransferView } from '../../../bridge/media-views.ts';
import type { PersonView } from '../../../bridge/views.ts';
import type { UserId } from '../ids.ts';
import { bytesWords, speedWords, timeLeftWords } from '../media/media-words.ts';
import { dayAndTime } from '../time/time-words.ts';

export const pathWords: Record<TransferPath, string> = {
  direct: 'directly',
  turn: 'directly, by way of a TURN server',
  relay: 'through the relay',
};

/** Recordings have names that nobody gave them. */
export function transferName({ kind, name }: TransferView): string {
  return kind === 'voice' ? 'Voice message' : name;
}

/** "Waiting for Anna to be online"; one's own other device counts too. */
export function waitingWords(people: readonly PersonView[], me: UserId | null): string {
  const names = people.map(({ id, displayName }) => (id === me ? 'your other device' : displayName));
  const [first, second] = names;
  if (first === undefined) return 'Waiting for the connection';
  if (second === undefined) return `Waiting for ${first} to be online`;
  const others = names.length === 2 ? second : `${names.length - 1} others`;
  return `Waiting for ${first} and ${others} to be online`;
}

/** "12 MB of 48 MB" on the way, "48 MB" otherwise. */
export function amountWords({ done, bytes, state }: TransferView, locale?: string): string {
  const partly = done > 0 && done < bytes && state !== 'done';
  return partly ? `${bytesWords(done, locale)} of ${bytesWords(bytes, locale)}` : bytesWords(bytes, locale);
}

interface Setting {
  readonly me?: UserId | null;
  readonly now?: number;
  readonly locale?: string;
}

/** What happens with it at present, or how it ended. */
export function statusWords(view: TransferView, { me = null, now = Date.now(), locale }: Setting = {}): string {
  const out = view.direction === 'out';
  switch (view.state) {
    case 'preparing':
      return 'Preparing…';
    case 'active':
      return movingWords(view, locale);
    case 'waiting':
      return view.fault?.message ?? waitingWords(view.waitingFor, me);
    case 'paused':
      return 'Paused';
    case 'failed':
      return `${out ? 'Not sent' : 'Not fetched'}: ${view.fault?.message ?? 'something went wrong. Try again.'}`;
    case 'cancelled':
      return 'Cancelled';
    case 'done': {
      const words = `${out ? 'Sent' : 'Received'} ${dayAndTime(view.updatedAt, now, locale)}`;
      return view.path === null ? words : `${words}, ${pathWords[view.path]}`;
    }
  }
}

function movingWords({ bytesPerSecond, msLeft, path }: TransferView, locale: string | undefined): string {
  const speed = bytesPerSecond === null ? ['Starting…'] : [speedWords(bytesPerSecond, locale)];
  const left = msLeft === null || bytesPerSecond === null ? [] : [timeLeftWords(msLeft)];
  return [...speed, ...left, ...(path === null ? [] : [pathWords[path]])].join(' · ');
}

/** What starting it again is called. */
export function startWords({ direction, state }: TransferView): string {
  if (state === 'paused') return 'Go on';
  if (state === 'cancelled') return direction === 'out' ? 'Send again' : 'Fetch again';
  return 'Try again';
}
