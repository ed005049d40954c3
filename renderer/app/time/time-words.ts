/** Times and days in words, by the person's locale; relative only up to a day. */

const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Formatters are slow to make and quick to use, so each is made once. */
function format(time: number, options: Intl.DateTimeFormatOptions, locale: string | undefined): string {
  const key = `${locale ?? ''}${JSON.stringify(options)}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(key, known);
  return known.format(time);
}

function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

/** Whole local days from `time` to `now`; negative for the future. Rounding takes in days of 23 and 25 hours. */
export function daysBetween(time: number, now: number): number {
  return Math.round((startOfDay(now) - startOfDay(time)) / dayMs);
}

function sameYear(a: number, b: number): boolean {
  return new Date(a).getFullYear() === new Date(b).getFullYear();
}

/** "14:20". */
export function timeOfDay(time: number, locale?: string): string {
  return format(time, { timeStyle: 'short' }, locale);
}

/** For a row of the list: the time today, then "Yesterday", the weekday, the date. */
export function listTime(time: number, now: number, locale?: string): string {
  const days = daysBetween(time, now);
  if (days === 0) return timeOfDay(time, locale);
  if (days === 1) return 'Yesterday';
  if (days > 1 && days < 7) return format(time, { weekday: 'short' }, locale);
  if (sameYear(time, now)) return format(time, { day: 'numeric', month: 'short' }, locale);
  return format(time, { day: '2-digit', month: '2-digit', year: 'numeric' }, locale);
}

/** For the separator between days. */
export function dayLabel(time: number, now: number, locale?: string): string {
  const days = daysBetween(time, now);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  if (days > 1 && days < 7) return format(time, { weekday: 'long' }, locale);
  const year = sameYear(time, now) ? {} : { year: 'numeric' as const };
  return format(time, { weekday: 'long', day: 'numeric', month: 'long', ...year }, locale);
}

/** "Tuesday, 4 March 2025 at 14:20": for tooltips and screen readers. */
export function fullTime(time: number, locale?: string): string {
  return format(time, { dateStyle: 'full', timeStyle: 'short' }, locale);
}

/** "today at 14:20", "yesterday at 14:20", "Monday at 14:20", "4 March", "4 March 2024". */
export function dayAndTime(time: number, now: number, locale?: string): string {
  const days = daysBetween(time, now);
  if (days <= 0) return `today at ${timeOfDay(time, locale)}`;
  if (days === 1) return `yesterday at ${timeOfDay(time, locale)}`;
  if (days < 7) return `${format(time, { weekday: 'long' }, locale)} at ${timeOfDay(time, locale)}`;
  const year = sameYear(time, now) ? {} : { year: 'numeric' as const };
  return format(time, { day: 'numeric', month: 'long', ...year }, locale);
}
