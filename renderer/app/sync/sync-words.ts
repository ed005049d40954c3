/** What the details of a conversation say about being the same everywhere. Pure. */
import type { DeviceSync, SyncStatus } from '../../../bridge/views.ts';
import { dayAndTime, daysBetween, timeOfDay } from '../time/time-words.ts';

export type SyncTone = 'good' | 'busy' | 'bad' | 'quiet';

export interface SyncHeadline {
  readonly tone: SyncTone;
  readonly words: string;
  /** "Checked 14:02"; empty where nothing was, or where it does not matter now. */
  readonly checked: string;
}

/** "14:02" today, with the day otherwise. */
function when(time: number, now: number, locale?: string): string {
  return daysBetween(time, now) <= 0 ? timeOfDay(time, locale) : dayAndTime(time, now, locale);
}

export function syncHeadline(status: SyncStatus | undefined, now: number, locale?: string): SyncHeadline {
  if (status === undefined) return { tone: 'quiet', words: 'Not checked yet', checked: '' };
  const { state, checkedAt } = status;
  const checked = checkedAt === null ? '' : `Checked ${when(checkedAt, now, locale)}`;
  if (state === 'different') return { tone: 'bad', words: 'Not the same everywhere', checked };
  if (state === 'same') return { tone: 'good', words: inSync(status), checked };
  if (state === 'checking') return { tone: 'busy', words: 'Comparing with the relay and other devices…', checked: '' };
  if (state === 'repairing') return { tone: 'busy', words: mending(status, locale), checked: '' };
  return { tone: 'quiet', words: checkedAt === null ? 'Not checked yet' : 'Can’t be checked right now', checked };
}

function mending({ repair }: SyncStatus, locale?: string): string {
  if (repair === null) return 'Mending…';
  return `Mending: ${repair.done.toLocaleString(locale)} of ${repair.total.toLocaleString(locale)} messages`;
}

/** This device counts, whether or not it signed off already. */
function inSync({ devices }: SyncStatus): string {
  const others = devices.filter(({ current }) => !current);
  if (others.length === 0) return 'In sync with the relay';
  const same = others.filter(({ state }) => state === 'same').length;
  return `In sync on ${same + 1} of ${others.length + 1} devices`;
}

/** What came of the last repair; empty without one, or while it goes on. */
export function repairWords({ state, repair }: SyncStatus, now: number, locale?: string): string {
  if (repair === null || repair.done === 0 || state === 'repairing') return '';
  const verb = repair.done === 1 ? 'was' : 'were';
  const count = repair.done === 1 ? 'One message' : `${repair.done.toLocaleString(locale)} messages`;
  return `${count} differed here and ${verb} fetched again, ${dayAndTime(repair.at, now, locale)}.`;
}

/** What the comparison can't cover; empty where it begins with the first message. */
export function boundWords({ from }: SyncStatus, locale?: string): string {
  if (from <= 1) return '';
  return `The comparison begins with message ${from.toLocaleString(locale)}: nobody has what was before it any more.`;
}

export interface SyncRow {
  readonly key: string;
  readonly name: string;
  readonly current: boolean;
  readonly different: boolean;
  readonly words: string;
}

/** One's own devices first, this one above all; then those of the others. Devices without a name are counted. */
export function syncRows(status: SyncStatus, self: string, now: number, locale?: string): SyncRow[] {
  const rank = (one: DeviceSync): number => (one.current ? 0 : one.person.id === self ? 1 : 2);
  const sorted = [...status.devices].sort(
    (a, b) => rank(a) - rank(b) || a.person.displayName.localeCompare(b.person.displayName, locale) || b.time - a.time,
  );
  return sorted.map((one) => ({
    key: one.device,
    name: nameOf(one, sorted, self),
    current: one.current,
    different: one.state === 'different',
    words: stateWords(one, status, now, locale),
  }));
}

function nameOf(one: DeviceSync, all: readonly DeviceSync[], self: string): string {
  if (one.name !== null) return one.name;
  if (one.current) return 'This device';
  const name = one.person.id === self ? 'Another device of yours' : one.person.displayName;
  const alike = all.filter(({ person, name: own }) => own === null && person.id === one.person.id);
  return alike.length > 1 ? `${name} (${alike.indexOf(one) + 1})` : name;
}

function stateWords(one: DeviceSync, { head }: SyncStatus, now: number, locale?: string): string {
  const time = dayAndTime(one.time, now, locale);
  if (one.state === 'different') {
    return one.current ? `Differs, ${time}` : `Differs, ${time}. It is mended when that device is online.`;
  }
  if (one.seq >= head) return `The same, ${time}`;
  return `The same up to message ${one.seq.toLocaleString(locale)} of ${head.toLocaleString(locale)}, ${time}`;
}
