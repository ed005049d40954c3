/** The history of one account on this computer: all its tables over one database. */
import type { Profile } from '../../../protocol/index.ts';
import { createAccountValuesTable, type AccountValuesTable } from './account-values-table.ts';
import { createArchiveTable, type ArchiveTable } from './archive-table.ts';
import { createBlobsTable, type BlobsTable } from './blobs-table.ts';
import { createChainTable, type ChainTable } from './chain-table.ts';
import { createChangedMessages } from './changed-messages.ts';
import { createConversationReader, type ConversationReader } from './conversation-reader.ts';
import { createConversationsTable, type ConversationsTable } from './conversations-table.ts';
import { closeQuietly, commitAs, copyDatabase, openDatabase, type Durable } from './database.ts';
import { createDraftsTable, type DraftsTable } from './drafts-table.ts';
import { storageErrorFrom } from './faults.ts';
import { createGalleryTable, type GalleryTable } from './gallery-table.ts';
import { createKnownDevicesTable, type KnownDevicesTable } from './known-devices-table.ts';
import { createLostMessages, type LostMessages } from './lost-messages.ts';
import { createMarksTable, type MarksTable } from './marks-table.ts';
import { createMediaTable, type MediaTable } from './media-table.ts';
import { createMessageReader, type MessageReader } from './message-reader.ts';
import { createMessagesTable, type MessagesTable } from './messages-table.ts';
import { historyMigrations } from './migrations.ts';
import { createOutboxTable, type OutboxTable } from './outbox-table.ts';
import { createPeopleTable, type PeopleTable } from './people-table.ts';
import { createReactionsTable } from './reactions-table.ts';
import { createReleasedTable, type ReleasedTable } from './released-table.ts';
import { createSearchTable, type SearchTable } from './search-table.ts';
import { createStateTable, type StateTable } from './state-table.ts';
import { createTextIndex } from './text-index.ts';
import { createTransfersTable, type TransfersTable } from './transfers-table.ts';
import { createUsageTable, type UsageTable } from './usage-table.ts';

type Synchronous<T> = T extends PromiseLike<unknown> ? never : T;

export interface Store {
  readonly state: StateTable;
  readonly people: PeopleTable;
  readonly conversations: ConversationsTable;
  readonly messages: MessagesTable;
  readonly lost: LostMessages;
  readonly chain: ChainTable;
  readonly outbox: OutboxTable;
  readonly drafts: DraftsTable;
  readonly marks: MarksTable;
  readonly accountValues: AccountValuesTable;
  readonly knownDevices: KnownDevicesTable;
  readonly search: SearchTable;
  readonly blobs: BlobsTable;
  readonly media: MediaTable;
  readonly released: ReleasedTable;
  readonly transfers: TransfersTable;
  readonly gallery: GalleryTable;
  readonly usage: UsageTable;
  readonly archive: ArchiveTable;
  readonly messageViews: MessageReader;
  readonly conversationViews: ConversationReader;
  /**
   * Copies the database as it is when the copy ends, in small steps between other work. Writing goes on meanwhile.
   * @param file not there yet, its folder is. @param onProgress may throw to stop it.
   */
  copyTo(file: string, onProgress: (done: number, total: number) => void): Promise<void>;
  /** All or nothing, and as durable as asked when it returns: `now` unless told otherwise. */
  transact<T>(work: () => Synchronous<T>, durable?: Durable): T;
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
    const index = createTextIndex(database);
    const reactions = createReactionsTable(database);
    const released = createReleasedTable(database);
    const outbox = createOutboxTable(database);
    const changed = createChangedMessages(database, { reactions, released, index });
    const lost = createLostMessages(database, self().id, { conversations, changed, index });
    people.save(self());
    return {
      state: createStateTable(database),
      people,
      conversations,
      messages: createMessagesTable(database, self().id, { conversations, people, media, changed, index, lost }),
      lost,
      outbox,
      chain: createChainTable(database, conversations),
      drafts: createDraftsTable(database),
      marks: createMarksTable(database),
      accountValues: createAccountValuesTable(database),
      knownDevices: createKnownDevicesTable(database),
      search: createSearchTable(database),
      blobs,
      media,
      released,
      transfers: createTransfersTable(database),
      gallery: createGalleryTable(database),
      usage: createUsageTable(database),
      archive: createArchiveTable(database),
      messageViews: createMessageReader(database, self, { conversations, media, reactions, outbox }),
      conversationViews: createConversationReader(database, self),
      transact: (work, durable = 'now') =>
        commitAs(database, durable, () => database.transaction(work as () => never).immediate()),
      copyTo: (file, onProgress) => copyDatabase(database, file, onProgress),
      close: () => closeQuietly(database),
    };
  } catch (error) {
    closeQuietly(database);
    throw storageErrorFrom(error);
  }
}
