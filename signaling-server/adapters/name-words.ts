/** Folds names into the form in which they are searched. */

/**
 * Case and compatibility forms taken away: by way of upper case, where ß and SS meet, to lower case, where the two
 * lower-case sigmas are one.
 */
export function foldName(text: string): string {
  return text.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC').trim();
}

/** The folded name from the start of each of its words on: a prefix search over these finds any word of it. */
export function nameWords(displayName: string): string[] {
  const folded = foldName(displayName).replace(/\s+/gu, ' ');
  const starts = [...folded.matchAll(/(?<![\p{L}\p{N}\p{M}])[\p{L}\p{N}]/gu)].map((match) => match.index);
  return [...new Set([folded, ...starts.map((start) => folded.slice(start))])].filter((word) => word !== '');
}

/** The first text after all those that begin with `prefix`, in the byte order of UTF-8. */
export function afterPrefix(prefix: string): string {
  return prefix + '\u{10FFFF}';
}
