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
