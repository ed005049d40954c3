/** Numbers as the page shows them: two digits, for there is no more to know. */

const scales = [
  [1e18, ' E'],
  [1e15, ' P'],
  [1e12, ' T'],
  [1e9, ' G'],
  [1e6, ' M'],
  [1e3, ' k'],
] as const;

/** Two significant digits, without exponents. */
export function rough(value: number): string {
  if (value === 0) return '0';
  const digits = 1 - Math.floor(Math.log10(Math.abs(value)));
  const rounded = Number(value.toPrecision(2));
  return digits > 0 ? rounded.toFixed(Math.min(digits, 6)).replace(/\.?0+$/, '') : String(rounded);
}

/** 1,234 → `1.2 k`; small numbers stay whole where they are counts. */
export function big(value: number, unit = ''): string {
  const [scale, prefix] = scales.find(([least]) => Math.abs(Number(value.toPrecision(2))) >= least) ?? [
    1,
    unit ? ' ' : '',
  ];
  return `${rough(value / scale)}${prefix}${unit}`;
}

export const bytes = (value: number): string => big(value, 'B');
/** Bytes a second as line speed. */
export const bitRate = (value: number): string => big(value * 8, 'bit/s');
export const dollars = (value: number): string => `$${big(value)}`;
/** Machines: exact while few, rough when many. */
export const count = (value: number): string => (value < 100 ? String(Math.ceil(value)) : big(Math.ceil(value)));
export const percent = (value: number): string => `${rough(value * 100)} %`;
export const millions = (users: number): string => `${(users / 1e6).toLocaleString('en')} M`;

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
