/** What the person has typed and not sent yet, one text a conversation. */
import type { ConversationId } from '../../../protocol/index.ts';
import type { Database } from './database.ts';

export interface DraftsTable {
  /** An empty text takes the draft away. @returns whether anything changed. */
  set(conversation: ConversationId, text: string): boolean;
}

export function createDraftsTable(database: Database): DraftsTable {
  const upsert = database.prepare<[string, string]>(`
    INSERT INTO drafts (conversation, text) VALUES (?, ?)
    ON CONFLICT (conversation) DO UPDATE SET text = excluded.text WHERE text <> excluded.text`);
  const erase = database.prepare<[string]>('DELETE FROM drafts WHERE conversation = ?');
  return {
    set: (conversation, text) => (text === '' ? erase.run(conversation) : upsert.run(conversation, text)).changes > 0,
  };
}
