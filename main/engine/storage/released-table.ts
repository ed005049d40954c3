/** Blobs that deleted messages had: their bytes are to go, also when the app ends before they are gone. */
import type { BlobId } from '../../../protocol/index.ts';
import type { Database } from './database.ts';

export interface ReleasedTable {
  /** Marks the files of a message, by its rowid, and forgets what the message said of them. */
  release(message: number): void;
  all(): BlobId[];
  /** The blob is gone, or turned out to be needed. */
  settle(blob: BlobId): void;
}

export function createReleasedTable(database: Database): ReleasedTable {
  const mark = database.prepare<[number]>(
    'INSERT INTO released_blobs (blob) SELECT DISTINCT blob FROM media WHERE message = ? ON CONFLICT DO NOTHING',
  );
  const eraseFiles = database.prepare<[number]>('DELETE FROM media WHERE message = ?');
  const select = database.prepare<[], BlobId>('SELECT blob FROM released_blobs').pluck();
  const erase = database.prepare<[string]>('DELETE FROM released_blobs WHERE blob = ?');

  return {
    release(message) {
      mark.run(message);
      eraseFiles.run(message);
    },
    all: () => select.all(),
    settle: (blob) => void erase.run(blob),
  };
}
