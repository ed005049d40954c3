/** Makes names of files safe to show and to save, whatever another device called them. */

const maxBytes = 255;
/** A longer ending is no ending that a system goes by. */
const maxEndingBytes = 32;
const fallback = 'file';
/** Control characters, what changes the direction of writing, what is invisible, and halves of characters. */
const unseen = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Surrogate}/gu;
/** What separates folders, or what Windows takes in no name. */
const forbidden = /[/\\<>:"|?*]/g;
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i;

/** @returns a name without a folder in it, of at most 255 bytes; never empty. */
export function safeName(name: string): string {
  const seen = name.normalize('NFC').replace(unseen, '').replace(forbidden, '_');
  const whole = trimEnds(shorten(trimEnds(seen)));
  if (whole === '') return fallback;
  return reserved.test(whole) ? trimEnds(shorten(`_${whole}`)) : whole;
}

/** The ending in lower case, without its dot; empty for a name without one. */
export function endingOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/** Windows drops dots and spaces at the end, which would give the name another ending. */
function trimEnds(name: string): string {
  return name.replace(/^\s+/u, '').replace(/[\s.]+$/u, '');
}

/** Takes from the stem, so that the ending still tells what the file is. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= maxBytes) return name;
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && Buffer.byteLength(name.slice(dot)) <= maxEndingBytes ? name.slice(dot) : '';
  const room = maxBytes - Buffer.byteLength(ending);
  let stem = '';
  let used = 0;
  for (const character of name.slice(0, name.length - ending.length)) {
    used += Buffer.byteLength(character);
    if (used > room) break;
    stem += character;
  }
  return stem + ending;
}
