/** The kinds of values a setting can have: each reads flag and environment text as well as JSON. */
import { z } from 'zod';

/** A whole number from `min` to `max`; `0` often means "no limit", which the setting's text says. */
export function wholeNumber(min: number, max: number) {
  const message = `is not a whole number from ${min} to ${max}`;
  return z
    .union([z.number(), z.string().trim().regex(/^\d+$/, message).transform(Number)], message)
    .pipe(z.number().int(message).min(min, message).max(max, message));
}

export function text(maxCharacters: number) {
  return z
    .string('is not text')
    .trim()
    .min(1, 'is empty')
    .max(maxCharacters, `is longer than ${maxCharacters} characters`);
}

export function oneOf<const C extends readonly [string, ...string[]]>(choices: C) {
  return z.enum(choices, `is not one of ${choices.join(', ')}`);
}

/** 32 bytes, in hex or base64. */
export function coldKey() {
  return z
    .string('is not text')
    .trim()
    .regex(
      /^([0-9a-f]{64}|[A-Za-z0-9+/]{43}=?)$/i,
      'is not a key of 32 bytes in hex or base64: make one with openssl rand -hex 32',
    );
}

const words: Readonly<Record<string, boolean>> = {
  on: true,
  off: false,
  true: true,
  false: false,
  yes: true,
  no: false,
};

export function onOff() {
  return z
    .union([z.boolean(), z.string().transform((word) => words[word.trim().toLowerCase()])], 'is not on or off')
    .pipe(z.boolean('is not on or off'));
}

/** Words between commas, or a JSON list. */
export function list(item: z.ZodType<string, string>) {
  return z
    .union([z.array(z.string()), z.string().transform((line) => line.split(','))], 'is not a list')
    .transform((items) => items.map((word) => word.trim()).filter((word) => word !== ''))
    .pipe(z.array(item));
}

const unitBytes: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/** A number of bytes from `min` to `max`, plain or as a person writes it: `500MB`, `1.5 GiB`. */
export function byteSize(min: number, max: number) {
  const message = `is not a size from ${describeSize(min)} to ${describeSize(max)}, such as 500MB or 2GiB`;
  return z
    .union([z.number(), z.string().transform(parseSize)], message)
    .pipe(z.number(message).int(message).min(min, message).max(max, message));
}

function parseSize(written: string): number {
  const [, digits, unit = ''] = /^([\d.]+)\s*([a-z]*)$/i.exec(written.trim()) ?? [];
  return Math.floor(Number(digits) * (unitBytes[unit.toLowerCase()] ?? NaN));
}

/** The shortest exact form: `2 GiB`, `500000000`. */
export function describeSize(bytes: number): string {
  const units = [
    ['TiB', 1024 ** 4],
    ['GiB', 1024 ** 3],
    ['MiB', 1024 ** 2],
    ['KiB', 1024],
  ] as const;
  const fitting = units.find(([, size]) => bytes >= size && bytes % size === 0);
  return fitting ? `${bytes / fitting[1]} ${fitting[0]}` : String(bytes);
}
