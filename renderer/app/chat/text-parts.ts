/** Splits what a person wrote into plain text and links, and tells emoji-only messages; never makes markup. */

export interface TextPart {
  readonly text: string;
  /** Where it leads; null for plain text. */
  readonly url: string | null;
}

const candidate = /(?:https?:\/\/|www\.)[^\s<>"“”«»]+/giu;
const longestUrl = 2_000;

/** Takes off what more likely ends the sentence than the address: full stops, quotes, brackets nobody opened. */
function trimEnd(found: string): string {
  let end = found.length;
  for (;;) {
    const last = found[end - 1] ?? '';
    if (/[.,;:!?'"*_~…。，、！？；：]/u.test(last)) end -= 1;
    else if (isUnopened(found.slice(0, end), last)) end -= 1;
    else return found.slice(0, end);
  }
}

function isUnopened(text: string, bracket: string): boolean {
  const opening = { ')': '(', ']': '[', '}': '{', '」': '「', '）': '（' }[bracket];
  return opening !== undefined && text.split(bracket).length > text.split(opening).length;
}

function addressOf(text: string): string | null {
  const address = /^www\./i.test(text) ? `https://${text}` : text;
  if (address.length > longestUrl || !URL.canParse(address)) return null;
  const { protocol, hostname, href } = new URL(address);
  return /^https?:$/.test(protocol) && hostname !== '' && href.length <= longestUrl ? href : null;
}

/** In order; the parts joined are exactly the text. */
export function textParts(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let at = 0;
  for (const match of text.matchAll(candidate)) {
    const before = text[match.index - 1];
    const found = trimEnd(match[0]);
    const url = before !== undefined && /[\p{L}\p{N}@/]/u.test(before) ? null : addressOf(found);
    if (url === null) continue;
    if (match.index > at) parts.push({ text: text.slice(at, match.index), url: null });
    parts.push({ text: found, url });
    at = match.index + found.length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), url: null });
  return parts;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const emoji =
  /^(?:\p{Emoji_Presentation}|\p{Emoji_Modifier_Base}\p{Emoji_Modifier}|\p{Extended_Pictographic}\uFE0F|[\d#*]\uFE0F?\u20E3|\p{Regional_Indicator}{2})/u;
const mostEmoji = 5;

/** One to five emoji and nothing else. */
export function isEmojiOnly(text: string): boolean {
  if (text.length > 120) return false;
  const signs = [...graphemes.segment(text.trim())].map(({ segment }) => segment).filter((sign) => sign.trim() !== '');
  return signs.length > 0 && signs.length <= mostEmoji && signs.every((sign) => emoji.test(sign));
}

const shownLines = 24;
const shownCharacters = 2_400;
const slack = 1.25;

/** The beginning of a long text, cut at a line or a word; null when the text is shown whole. */
export function beginningOf(text: string): string | null {
  const lines = text.split('\n');
  if (lines.length <= shownLines * slack && text.length <= shownCharacters * slack) return null;
  const head = lines.slice(0, shownLines).join('\n');
  if (head.length <= shownCharacters) return head.trimEnd();
  const cut = head.slice(0, shownCharacters);
  const word = cut.search(/\s\S{0,80}$/u);
  return (word > 0 ? cut.slice(0, word) : cut.replace(/[\uD800-\uDBFF]$/u, '')).trimEnd();
}
