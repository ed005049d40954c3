/** What the person has typed and not sent yet, one text a conversation: on this device, or on another one of theirs. */
import type { ConversationId } from '../../../protocol/index.ts';
import type { Database } from './database.ts';

export interface Draft {
  readonly conversation: ConversationId;
  /** Empty when it was taken away here and the other devices are not told yet. */
  readonly text: string;
}

export interface DraftsTable {
  /** Typed here. An empty text takes the draft away. @returns whether anything changed. */
  set(conversation: ConversationId, text: string): boolean;
  /** Typed on another device; what was typed here and is not shared yet stays. @returns whether anything changed. */
  follow(conversation: ConversationId, text: string | null): boolean;
  /** Typed here, and the other devices are not told yet. */
  unshared(): Draft[];
  unsharedOf(conversation: ConversationId): Draft | null;
  /** It is handed on to the other devices as it is. */
  setShared(conversation: ConversationId): void;
  /** What was typed here counts for no newer than what the other devices say. */
  setAllShared(): void;
}

export function createDraftsTable(database: Database): DraftsTable {
  const upsert = database.prepare<[string, string]>(`
    INSERT INTO drafts (conversation, text, unshared) VALUES (?, ?, 1)
    ON CONFLICT (conversation) DO UPDATE SET text = excluded.text, unshared = 1 WHERE text <> excluded.text`);
  const empty = database.prepare<[string]>(
    "UPDATE drafts SET text = '', unshared = 1 WHERE conversation = ? AND text <> ''",
  );
  const upsertShared = database.prepare<[string, string]>(`
    INSERT INTO drafts (conversation, text, unshared) VALUES (?, ?, 0)
    ON CONFLICT (conversation) DO UPDATE SET text = excluded.text WHERE unshared = 0 AND text <> excluded.text`);
  const deleteShared = database.prepare<[string]>('DELETE FROM drafts WHERE conversation = ? AND unshared = 0');
  const selectUnshared = database.prepare<[], Draft>('SELECT conversation, text FROM drafts WHERE unshared = 1');
  const selectOne = database.prepare<[string], Draft>(
    'SELECT conversation, text FROM drafts WHERE conversation = ? AND unshared = 1',
  );
  const markShared = database.prepare<[string]>("UPDATE drafts SET unshared = 0 WHERE conversation = ? AND text <> ''");
  const markAllShared = database.prepare<[]>("UPDATE drafts SET unshared = 0 WHERE text <> ''");
  const deleteAllEmpty = database.prepare<[]>("DELETE FROM drafts WHERE text = ''");
  const deleteEmpty = database.prepare<[string]>("DELETE FROM drafts WHERE conversation = ? AND text = ''");

  return {
    set: (conversation, text) => (text === '' ? empty.run(conversation) : upsert.run(conversation, text)).changes > 0,
    follow: (conversation, text) =>
      (text === null ? deleteShared.run(conversation) : upsertShared.run(conversation, text)).changes > 0,
    unshared: () => selectUnshared.all(),
    unsharedOf: (conversation) => selectOne.get(conversation) ?? null,
    setShared(conversation) {
      markShared.run(conversation);
      deleteEmpty.run(conversation);
    },
    setAllShared() {
      markAllShared.run();
      deleteAllEmpty.run();
    },
  };
}
