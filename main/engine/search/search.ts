/** Searches the messages on this device, as a person types: every word must occur, in any case, anywhere. */
import type { SearchHit } from '../../../bridge/views.ts';
import type { ConversationId } from '../../../protocol/index.ts';
import { firstRowidAt } from '../storage/message-rowids.ts';
import type { Store } from '../storage/store.ts';
import { excerptOf } from './excerpt.ts';
import { fold } from './fold.ts';

interface SearchInput {
  readonly query: string;
  readonly conversation?: ConversationId | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}

/** The index holds runs of three characters; shorter words are looked for in the text itself. */
const indexedCharacters = 3;

export function searchMessages(store: Store, { query, conversation, before, limit }: SearchInput): SearchHit[] {
  const words = [
    ...new Set(
      query
        .split(/\s+/u)
        .map((word) => fold(word).text)
        .filter((word) => word !== ''),
    ),
  ];
  if (words.length === 0) return [];
  const short = words.filter((word) => [...word].length < indexedCharacters);
  const rowids = store.search.find({
    indexed: words.filter((word) => !short.includes(word)),
    matches: (text) => short.length === 0 || containsAll(fold(text).text, short),
    conversation: conversation ?? null,
    beforeRowid: before === undefined ? Number.MAX_SAFE_INTEGER : firstRowidAt(before),
    limit,
  });
  return rowids.flatMap((rowid) => hitOf(store, rowid, words));
}

function containsAll(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.includes(word));
}

function hitOf(store: Store, rowid: number, words: readonly string[]): SearchHit[] {
  const message = store.messageViews.byRowid(rowid);
  if (!message) return [];
  const { content, conversation } = message;
  if (content.kind !== 'text' && content.kind !== 'media') return [];
  const conversationTitle = store.conversationViews.get(conversation)?.title ?? '';
  return [{ message, conversationTitle, excerpt: excerptOf(content.text, words) }];
}
