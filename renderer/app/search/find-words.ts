/** A search in words: how far one is in what was found, and the cut of a line that shows the match. */
import type { MessageResult } from './message-search.svelte.ts';

/** "2 of 14", "2 of more than 40", or why there is nothing to count. */
export function countWords(result: MessageResult, at: number): string {
  if (result.state === 'idle') return '';
  if (result.state === 'searching') return 'Searching…';
  if (result.state === 'failed') return result.fault.message;
  const { hits, more } = result;
  if (hits.length === 0) return 'Nothing found';
  return `${at + 1} of ${more ? 'more than ' : ''}${hits.length}`;
}

const longestLead = 16;

/** An excerpt for one short line: of what stands before the first match only the last words are left. */
export function shortLead(excerpt: readonly string[]): string[] {
  const [lead = '', ...rest] = excerpt;
  if (lead.length <= longestLead) return [...excerpt];
  const end = lead.slice(-longestLead);
  const word = end.search(/(?<=\s)\S/u);
  const kept = word < 0 ? end.replace(/^[\uDC00-\uDFFF]/u, '') : end.slice(word);
  return [`…${kept}`, ...rest];
}
