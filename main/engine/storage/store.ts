/** The history of one account on this computer: all its tables over one database. */
import type { Profile } from '../../../protocol/index.ts';
import { createBlobsTable, type BlobsTable } from './blobs-table.ts';
import { createConversationReader, type ConversationReader } from './conversation-reader.ts';
import { createConversationsTable, type ConversationsTable } from './conversations-table.ts';
import { closeQuietly, openDatabase } from './database.ts';
import { createDraftsTable, type DraftsTable } from './drafts-table.ts';
import { storageErrorFrom } from './faults.ts';
import { createGalleryTable, type GalleryTable } from './gallery-table.ts';
import { createMediaTable, type MediaTable } from './media-table.ts';
import { createMessageReader, type MessageReader } from './message-reader.ts';
import { createMessagesTable, type MessagesTable } from './messages-table.ts';
import { historyMigrations } from './migrations.ts';
import { createOutboxTable, type OutboxTable } from './outbox-table.ts';
import { createPeopleTable, type PeopleTable } from './people-table.ts';
import { createSearchTable, type SearchTable } from './search-table.ts';
import { createStateTable, type StateTable } from './state-table.ts';
import { createTransfersTable, type TransfersTable } from './transfers-table.ts';
import { createUsageTable, type UsageTable } from './usage-table.ts';

type Synchronous<T> = T extends PromiseLike<unknown> ? never : T;

export interface Store {
  readonly state: StateTable;
  readonly people: PeopleTable;
  readonly conversations: ConversationsTable;
  readonly messages: MessagesTable;
  readonly outbox: OutboxTable;
  readonly drafts: DraftsTable;
  readonly search: SearchTable;
  readonly blobs: BlobsTable;
  readonly media: MediaTable;
  readonly transfers: TransfersTable;
  readonly gallery: GalleryTable;
  readonly usage: UsageTable;
  readonly messageViews: MessageReader;
  readonly conversationViews: ConversationReader;
  /** All or nothing, and on disk when it returns. */
  transact<T>(work: () => Synchronous<T>): T;
  close(): void;
}

/** @param self the user whose history it is, as known right now. @throws ParleyError as `openDatabase`. */
export function openStore(file: string, self: () => Profile): Store {
  const database = openDatabase({ file, migrations: historyMigrations });
  try {
    const people = createPeopleTable(database);
    const conversations = createConversationsTable(database, self().id, people);
    const blobs = createBlobsTable(database);
    const media = createMediaTable(database, blobs);
    people.save(self());
    return {
      state: createStateTable(database),
      people,
      conversations,
      messages: createMessagesTable(database, self().id, conversations, people, media),
      outbox: createOutboxTable(database),
      drafts: createDraftsTable(database),
      search: createSearchTable(database),
      blobs,
      media,
      transfers: createTransfersTable(database),
      gallery: createGalleryTable(database),
      usage: createUsageTable(database),
      messageViews: createMessageReader(database, self, conversations, media),
      conversationViews: createConversationReader(database, self),
      transact: (work) => database.transaction(work as () => never).immediate(),
      close: () => closeQuietly(database),
    };
  } catch (error) {
    closeQuietly(database);
    throw storageErrorFrom(error);
  }
}
