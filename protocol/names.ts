/** What people may call themselves, and how those words are brought into one form before they are compared. */
import { z } from 'zod';
import { limits } from './limits.ts';

/** Control, format (zero-width, bidi overrides), private-use, unassigned and line-separating characters. */
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/u;
/** Zero-width joiner and variation selector 16 belong to emoji; they are harmless only between emoji parts. */
const emojiJoins = /(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u{FE0F})\u{200D}(?=\p{Extended_Pictographic})/gu;

const { usernameCharacters, displayNameCharacters, passwordCharacters, deviceNameCharacters } = limits;

/** Lower-cased, NFKC-normalised, 3 to 32 of `a-z 0-9 . _ -`. The form in which usernames are stored and compared. */
export const usernameSchema = z
  .string()
  .max(256, 'Use at most 32 characters.')
  .transform((text) => text.trim().normalize('NFKC').toLowerCase())
  .pipe(
    z
      .string()
      .min(usernameCharacters.min, `Use at least ${usernameCharacters.min} characters.`)
      .max(usernameCharacters.max, `Use at most ${usernameCharacters.max} characters.`)
      .regex(/^[a-z0-9._-]+$/, 'Use only letters a to z, digits, dots, underscores and hyphens.'),
  );

function visibleText({ min, max }: { min: number; max: number }) {
  return z
    .string()
    .max(max * 8, `Use at most ${max} characters.`)
    .transform((text) => text.normalize('NFC').trim())
    .pipe(
      z
        .string()
        .refine((text) => !invisible.test(text.replace(emojiJoins, '')), 'Leave out invisible and control characters.')
        .refine((text) => [...text].length >= min, min === 1 ? 'Write a name.' : `Use at least ${min} characters.`)
        .refine((text) => [...text].length <= max, `Use at most ${max} characters.`),
    );
}

/** 1 to 64 visible characters (code points), without control, bidi-override or zero-width characters. */
export const displayNameSchema = visibleText(displayNameCharacters);
export const deviceNameSchema = visibleText(deviceNameCharacters);

/** 8 to 256 characters, normalised to NFC so that one keyboard's é equals another's. */
export const passwordSchema = z
  .string()
  .min(passwordCharacters.min, `Use at least ${passwordCharacters.min} characters.`)
  .max(passwordCharacters.max, `Use at most ${passwordCharacters.max} characters.`)
  .transform((text) => text.normalize('NFC'));

export const emailSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, 'Use at most 254 characters.')
  .regex(/^[^\s\p{C}@<>()",;:\\[\]]+@[^\s\p{C}@.]+(\.[^\s\p{C}@.]+)+$/u, 'Write an address like name@example.org.');

/** Digits with an optional leading plus; spaces, dots, hyphens and brackets are taken out first. */
export const phoneSchema = z
  .string()
  .max(64, 'Use at most 15 digits.')
  .transform((text) => text.replace(/[\s().-]/g, ''))
  .pipe(z.string().regex(/^\+?[0-9]{5,15}$/, 'Write a number like +49 30 123456.'));
