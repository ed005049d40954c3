/** Finds messages by their text, newest first. */
import type { ConversationId } from '../../../protocol/index.ts';
import type { Database } from './database.ts';

export interface SearchQuery {
  /** Substrings of at least three characters: looked up in the index. */
  readonly indexed: readonly string[];
  /** Decides on the words that are too short for the index; called with each candidate's text. */
  readonly matches: (text: string) => boolean;
  readonly conversation: ConversationId | null;
  /** Only messages with a smaller rowid. */
  readonly beforeRowid: number;
  readonly limit: number;
}

export interface SearchTable {
  /** Rowids of the hits, newest first. */
  find(query: SearchQuery): number[];
}

interface Candidate {
  rowid: number;
  text: string;
}

/** Without an indexable word only the newest messages are read through, so that typing two letters stays quick. */
const scannedMessages = 20_000;

export function createSearchTable(database: Database): SearchTable {
  const lookUp = database.prepare<[string, number], Candidate>(`
    SELECT m.rowid, m.text FROM message_index i JOIN messages m ON m.rowid = i.rowid
    WHERE message_index MATCH ? AND i.rowid < ? ORDER BY i.rowid DESC`);
  const lookUpIn = database.prepare<[string, number, string], Candidate>(`
    SELECT m.rowid, m.text FROM message_index i JOIN messages m ON m.rowid = i.rowid
    WHERE message_index MATCH ? AND i.rowid < ? AND m.conversation = (SELECT key FROM conversations WHERE id = ?)
    ORDER BY i.rowid DESC`);
  const scan = database.prepare<[number, number], Candidate>(
    'SELECT rowid, text FROM messages WHERE rowid < ? AND text IS NOT NULL ORDER BY rowid DESC LIMIT ?',
  );
  const scanIn = database.prepare<[string, number, number], Candidate>(`
    SELECT rowid, text FROM messages
    WHERE conversation = (SELECT key FROM conversations WHERE id = ?) AND rowid < ? AND text IS NOT NULL
    ORDER BY seq DESC LIMIT ?`);

  function candidates({ indexed, conversation, beforeRowid }: SearchQuery): IterableIterator<Candidate> {
    if (indexed.length === 0) {
      return conversation
        ? scanIn.iterate(conversation, beforeRowid, scannedMessages)
        : scan.iterate(beforeRowid, scannedMessages);
    }
    const phrases = indexed.map((word) => `"${word.replaceAll('"', '""')}"`).join(' AND ');
    return conversation ? lookUpIn.iterate(phrases, beforeRowid, conversation) : lookUp.iterate(phrases, beforeRowid);
  }

  return {
    find(query) {
      const found: number[] = [];
      for (const { rowid, text } of candidates(query)) {
        if (query.matches(text)) found.push(rowid);
        if (found.length >= query.limit) break;
      }
      return found;
    },
  };
}
