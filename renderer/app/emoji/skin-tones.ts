/** Emoji of people and hands in the colours of skin that Unicode has for them (UTS #51, section 2.4). Pure. */
import { plainSign } from './emoji-list.ts';

/** From light to dark; the first, which adds nothing, is the emoji's own yellow. */
export const skinTones = [
  { name: 'Default', modifier: '' },
  { name: 'Light', modifier: '\u{1F3FB}' },
  { name: 'Medium light', modifier: '\u{1F3FC}' },
  { name: 'Medium', modifier: '\u{1F3FD}' },
  { name: 'Medium dark', modifier: '\u{1F3FE}' },
  { name: 'Dark', modifier: '\u{1F3FF}' },
] as const;
export type SkinTone = (typeof skinTones)[number]['modifier'];

export function isSkinTone(text: string): text is SkinTone {
  return skinTones.some(({ modifier }) => modifier === text);
}

/** The sign in a colour of skin; as it is, where it has none, or several people stand in it. */
export function inTone(sign: string, tone: SkinTone): string {
  const people = sign.match(/\p{Emoji_Modifier_Base}/gu) ?? [];
  if (tone === '' || people.length !== 1) return sign;
  // The modifier takes the place of the mark "as a picture".
  return sign.replace(/(\p{Emoji_Modifier_Base})\uFE0F?/u, `$1${tone}`);
}

/** What a person chose already, in whatever colour; else the sign in theirs. */
export function chosenOrInTone(sign: string, chosen: readonly string[], tone: SkinTone): string {
  return chosen.find((one) => plainSign(one) === plainSign(sign)) ?? inTone(sign, tone);
}
