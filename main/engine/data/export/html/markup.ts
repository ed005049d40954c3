/** Writes HTML with no way around the escaping: what is not markup already is text. */

/** Markup that is written as it is. */
export class Markup {
  readonly html: string;
  constructor(html: string) {
    this.html = html;
  }
}

type Part = string | number | Markup | readonly Markup[] | null;

/** A template whose values are escaped, in text as in quoted attributes; null writes nothing. */
export function markup(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(literals.reduce((before, literal, index) => before + written(parts[index - 1] ?? null) + literal));
}

function written(part: Part): string {
  if (part === null) return '';
  if (part instanceof Markup) return part.html;
  if (typeof part === 'object') return part.map(({ html: each }) => each).join('');
  return escape(String(part));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '').replaceAll('\0', '');
}

/** A link to a path of the export, from a page so many folders deep. */
export function hrefTo(path: string, depth: 0 | 1): string {
  return '../'.repeat(depth) + path.split('/').map(encodeURIComponent).join('/');
}
