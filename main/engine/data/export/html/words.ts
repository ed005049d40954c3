/** Days, times, sizes and lengths as exported pages say them. */
const dayFormat = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const timeFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const countFormat = new Intl.NumberFormat('en-GB');

export const dayOf = (time: number) => dayFormat.format(time);
export const timeOf = (time: number) => timeFormat.format(time);

export function counted(count: number, one: string, many: string): string {
  return `${countFormat.format(count)} ${count === 1 ? one : many}`;
}

const units = ['kB', 'MB', 'GB'];

export function sizeOf(bytes: number): string {
  if (bytes < 1_000) return counted(bytes, 'byte', 'bytes');
  let value = bytes;
  let unit = '';
  for (const next of units) {
    if (value < 999.5) break;
    value /= 1_000;
    unit = next;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

export function lengthOf(durationMs: number): string {
  const seconds = Math.round(durationMs / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
