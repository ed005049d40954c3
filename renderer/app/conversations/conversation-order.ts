/** The order of the list: newest activity first, then by id; and how changes are merged into it. Pure. */
import type { ConversationView } from '../../../bridge/views.ts';

export function compareConversations(a: ConversationView, b: ConversationView): number {
  if (a.activeAt !== b.activeAt) return b.activeAt - a.activeAt;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

/** A sorted list with the changed ones in their places; both inputs stay as they are. */
export function mergeConversations(
  list: readonly ConversationView[],
  changed: readonly ConversationView[],
): ConversationView[] {
  const latest = new Map(changed.map((conversation) => [conversation.id, conversation]));
  const rest = list.filter(({ id }) => !latest.has(id));
  const added = [...latest.values()].sort(compareConversations);
  const merged: ConversationView[] = [];
  let at = 0;
  for (const conversation of rest) {
    for (let next = added[at]; next && compareConversations(next, conversation) < 0; next = added[++at])
      merged.push(next);
    merged.push(conversation);
  }
  return [...merged, ...added.slice(at)];
}

/** Scripts that write no spaces between words. */
const spaceless = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;

/** The title begins with, or has a word that begins with, what is typed; case and accents don't matter. */
export function titleMatches(conversation: ConversationView, query: string): boolean {
  const wanted = fold(query.trim().replace(/^@/, ''));
  const title = fold(conversation.title);
  if (spaceless.test(wanted)) return title.includes(wanted);
  const words = ` ${title} ${fold(conversation.peer?.username ?? '')}`.replace(/[-_.'’]/gu, ' ');
  return words.includes(` ${wanted.replace(/[-_.'’]/gu, ' ')}`);
}

function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();
}
