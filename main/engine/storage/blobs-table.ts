/** The blobs this device knows: their keys, what of them is here, and where the person saved a copy. */
import type { BlobId } from '../../../protocol/index.ts';
import type { BlobRef } from '../blobs/blob-vault.ts';
import type { Database } from './database.ts';

export interface StoredBlob extends BlobRef {
  /** A bitmap, lowest bit of the first byte first; empty for a whole blob. */
  readonly have: Uint8Array;
  readonly whole: boolean;
  readonly savedAs: string | null;
}

export interface BlobsTable {
  get(blob: BlobId): StoredBlob | null;
  /** Makes a place for a blob; one that is known stays as it is. */
  add(ref: BlobRef): void;
  /** Notes what is here. @param have ignored for whole ones. */
  mark(blob: BlobId, have: Uint8Array, whole: boolean): void;
  setSavedAs(blob: BlobId, path: string): void;
  /** Takes its transfers with it. */
  remove(blob: BlobId): void;
}

interface BlobRow {
  id: BlobId;
  key: Uint8Array;
  bytes: number;
  have: Uint8Array;
  whole: number;
  saved_as: string | null;
}

const nothing = new Uint8Array();

export function createBlobsTable(database: Database): BlobsTable {
  const select = database.prepare<[string], BlobRow>('SELECT * FROM blobs WHERE id = ?');
  const insert = database.prepare<[string, Uint8Array, number]>(
    'INSERT INTO blobs (id, key, bytes) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const update = database.prepare<[Uint8Array, number, string]>('UPDATE blobs SET have = ?, whole = ? WHERE id = ?');
  const updateSaved = database.prepare<[string, string]>('UPDATE blobs SET saved_as = ? WHERE id = ?');
  const erase = database.prepare<[string]>('DELETE FROM blobs WHERE id = ?');

  return {
    get(blob) {
      const row = select.get(blob);
      if (!row) return null;
      const { key, bytes, have, whole } = row;
      return { blob, key, bytes, have, whole: whole === 1, savedAs: row.saved_as };
    },
    add: ({ blob, key, bytes }) => void insert.run(blob, key, bytes),
    mark: (blob, have, whole) => void update.run(whole ? nothing : have, whole ? 1 : 0, blob),
    setSavedAs: (blob, path) => void updateSaved.run(path, blob),
    remove: (blob) => void erase.run(blob),
  };
}
