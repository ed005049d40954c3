/** What the messages of the log say of their files, and what of these is here. */
import type { MediaRef } from '../../../bridge/media-views.ts';
import type { BlobId, ConversationId, DeviceId, MediaItem, MediaKind, MessageId } from '../../../protocol/index.ts';
import type { KnownItem } from '../media/item-view.ts';
import { presentable } from '../media/presentable.ts';
import type { BlobsTable } from './blobs-table.ts';
import type { Database } from './database.ts';

/** A file with all that is needed to open it. */
export interface StoredFile extends KnownItem {
  readonly blob: BlobId;
  readonly key: Uint8Array;
}

/** A file in its message. */
export interface PlacedFile extends StoredFile {
  readonly ref: MediaRef;
  readonly own: boolean;
  readonly device: DeviceId;
}

export interface MediaTable {
  /** Takes the files of a message in, made presentable; their blobs become known. */
  add(message: number, conversation: number, items: readonly MediaItem[]): void;
  /** Files of messages by their rowids, each in order: one query for all. */
  of(messages: readonly number[]): Map<number, KnownItem[]>;
  find(ref: MediaRef): StoredFile | null;
  /** Files of these messages; those that are not in the log are left out. */
  inMessages(conversation: ConversationId, messages: readonly MessageId[]): PlacedFile[];
  /** Whether a message of the log has this blob. */
  uses(blob: BlobId): boolean;
}

export interface MediaColumns {
  message: number;
  item: number;
  kind: MediaKind;
  name: string;
  type: string;
  bytes: number;
  width: number | null;
  height: number | null;
  duration_ms: number | null;
  blob: BlobId;
  thumbnail: Uint8Array | null;
  waveform: Uint8Array | null;
  whole: number | null;
}

interface FileRow extends MediaColumns {
  key: Uint8Array;
}

interface PlacedRow extends FileRow {
  id: MessageId;
  own: number;
  device: DeviceId;
}

export const mediaColumns = `f.message, f.item, f.kind, f.name, f.type, f.bytes, f.width, f.height, f.duration_ms, f.blob,
  f.thumbnail, f.waveform, b.whole`;

export function createMediaTable(database: Database, blobs: BlobsTable): MediaTable {
  const insert = database.prepare<
    [
      number,
      number,
      number,
      string,
      string,
      string,
      number,
      number | null,
      number | null,
      number | null,
      string,
      Uint8Array | null,
      Uint8Array | null,
    ]
  >(`
    INSERT INTO media (message, item, conversation, kind, name, type, bytes, width, height, duration_ms, blob, thumbnail, waveform)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const selectOf = database.prepare<[string], MediaColumns>(`
    SELECT ${mediaColumns} FROM media f LEFT JOIN blobs b ON b.id = f.blob
    WHERE f.message IN (SELECT value FROM json_each(?)) ORDER BY f.message, f.item`);
  const selectFile = database.prepare<[string, string, number], FileRow>(`
    SELECT ${mediaColumns}, b.key FROM messages m JOIN media f ON f.message = m.rowid JOIN blobs b ON b.id = f.blob
    WHERE m.id = ? AND m.conversation = (SELECT key FROM conversations WHERE id = ?) AND f.item = ?`);
  const selectIn = database.prepare<[string, string], PlacedRow>(`
    SELECT ${mediaColumns}, b.key, m.id, m.own, m.device
    FROM messages m JOIN media f ON f.message = m.rowid JOIN blobs b ON b.id = f.blob
    WHERE m.conversation = (SELECT key FROM conversations WHERE id = ?) AND m.id IN (SELECT value FROM json_each(?))
    ORDER BY m.seq, f.item`);
  const selectUse = database.prepare<[string], { message: number }>('SELECT message FROM media WHERE blob = ? LIMIT 1');

  function addItem(message: number, item: number, conversation: number, file: MediaItem): void {
    const { kind, name, type, bytes, width, height, durationMs, blob, key, thumbnail, waveform } = presentable(file);
    insert.run(
      message,
      item,
      conversation,
      kind,
      name,
      type,
      bytes,
      width ?? null,
      height ?? null,
      durationMs ?? null,
      blob,
      thumbnail ?? null,
      waveform ?? null,
    );
    blobs.add({ blob, key, bytes });
  }

  return {
    add(message, conversation, items) {
      for (const [item, file] of items.entries()) addItem(message, item, conversation, file);
    },
    of(messages) {
      const found = new Map<number, KnownItem[]>();
      if (messages.length === 0) return found;
      for (const row of selectOf.all(JSON.stringify(messages))) {
        const items = found.get(row.message) ?? [];
        items.push(knownItem(row));
        found.set(row.message, items);
      }
      return found;
    },
    find({ conversation, message, item }) {
      const row = selectFile.get(message, conversation, item);
      return row ? storedFile(row) : null;
    },
    inMessages: (conversation, messages) =>
      selectIn.all(conversation, JSON.stringify(messages)).map((row) => ({
        ...storedFile(row),
        ref: { conversation, message: row.id, item: row.item },
        own: row.own === 1,
        device: row.device,
      })),
    uses: (blob) => selectUse.get(blob) !== undefined,
  };
}

export function knownItem(row: MediaColumns): KnownItem & { readonly blob: BlobId } {
  const { item, kind, name, type, bytes, width, height, duration_ms: durationMs, blob, thumbnail, waveform } = row;
  return {
    item,
    kind,
    name,
    type,
    bytes,
    blob,
    held: row.whole === 1,
    ...(width === null ? {} : { width }),
    ...(height === null ? {} : { height }),
    ...(durationMs === null ? {} : { durationMs }),
    ...(thumbnail === null ? {} : { thumbnail }),
    ...(waveform === null ? {} : { waveform }),
  };
}

function storedFile(row: FileRow): StoredFile {
  return { ...knownItem(row), key: row.key };
}
