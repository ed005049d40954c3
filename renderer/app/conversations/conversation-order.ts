/** The order of the list: pinned ones, then the newest activity, then by id; and how changes are merged into it. Pure. */
import type { ConversationView } from '../../../bridge/views.ts';

/** The engine's order of `conversations.list`. */
export function compareConversations(a: ConversationView, b: ConversationView): number {
  // Whenever it was, a pin comes before none.
  if (a.pinnedAt !== b.pinnedAt) return (b.pinnedAt ?? -1) - (a.pinnedAt ?? -1);
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

/** Every account has notes to self, for its devices speak there; people see them in the list once they hold something. */
export function isUnusedNotes({ notes, preview, draft, pinnedAt }: ConversationView): boolean {
  return notes && preview === null && draft === null && pinnedAt === null;
}

/** Scripts that write no spaces between words. */
const spaceless = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;

/** The title begins with, or has a word that begins with, what is typed; case and accents don't matter. */
export function titleMatches(conversation: ConversationView, query: string): boolean {
  return wordsMatch(`${conversation.title} ${conversation.peer?.username ?? ''}`, query);
}

export function wordsMatch(text: string, query: string): boolean {
  const wanted = fold(query.trim().replace(/^@/, ''));
  const words = ` ${fold(text)}`;
  if (spaceless.test(wanted)) return words.includes(wanted);
  return words.replace(/[-_.'’]/gu, ' ').includes(` ${wanted.replace(/[-_.'’]/gu, ' ')}`);
}

function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();
}
