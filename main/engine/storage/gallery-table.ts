/** The files of a conversation for its gallery, newest message first, each album in its own order. */
import type { MediaRef } from '../../../bridge/media-views.ts';
import type { PersonView } from '../../../bridge/views.ts';
import { limits, type ConversationId, type MediaKind, type MessageId, type UserId } from '../../../protocol/index.ts';
import type { KnownItem } from '../media/item-view.ts';
import type { Database } from './database.ts';
import { isPendingDelete } from './message-rows.ts';
import { knownItem, mediaColumns, type MediaColumns } from './media-table.ts';

export interface GalleryQuery {
  readonly conversation: ConversationId;
  readonly kinds: readonly MediaKind[];
  /** Decides by name and caption. */
  readonly matches: (name: string, caption: string) => boolean;
  /** Only files behind this place. */
  readonly before: number;
  readonly limit: number;
}

export interface GalleryFile {
  readonly ref: MediaRef;
  readonly file: KnownItem;
  readonly sender: PersonView;
  readonly own: boolean;
  readonly time: number;
  /** Empty for none. */
  readonly caption: string;
  readonly place: number;
}

export interface GalleryTable {
  find(query: GalleryQuery): GalleryFile[];
}

interface Candidate {
  key: number;
  name: string;
  caption: string | null;
}

interface GalleryRow extends MediaColumns {
  id: MessageId;
  own: number;
  time: number;
  caption: string | null;
  place: number;
  sender: UserId;
  username: string;
  display_name: string;
}

/** Falls from a conversation's newest file to its oldest; each message has room for all its files. */
const place = `(m.seq * ${limits.mediaItems} + ${limits.mediaItems - 1} - f.item)`;

export function createGalleryTable(database: Database): GalleryTable {
  const candidates = database.prepare<[string, string, number], Candidate>(`
    SELECT f.key, f.name, m.text AS caption FROM media f JOIN messages m ON m.rowid = f.message
    WHERE f.conversation = (SELECT key FROM conversations WHERE id = ?) AND f.kind IN (SELECT value FROM json_each(?))
      AND ${place} < ? AND NOT ${isPendingDelete('m.id')} ORDER BY ${place} DESC`);
  const selectFiles = database.prepare<[string], GalleryRow>(`
    SELECT ${mediaColumns}, m.id, m.own, m.time, m.text AS caption, ${place} AS place, p.id AS sender, p.username, p.display_name
    FROM media f JOIN messages m ON m.rowid = f.message JOIN people p ON p.key = m.sender
      LEFT JOIN blobs b ON b.id = f.blob
    WHERE f.key IN (SELECT value FROM json_each(?)) ORDER BY place DESC`);

  return {
    find({ conversation, kinds, matches, before, limit }) {
      const keys: number[] = [];
      for (const { key, name, caption } of candidates.iterate(conversation, JSON.stringify(kinds), before)) {
        if (matches(name, caption ?? '')) keys.push(key);
        if (keys.length >= limit) break;
      }
      return selectFiles.all(JSON.stringify(keys)).map((row) => galleryFile(conversation, row));
    },
  };
}

function galleryFile(conversation: ConversationId, row: GalleryRow): GalleryFile {
  return {
    ref: { conversation, message: row.id, item: row.item },
    file: knownItem(row),
    sender: { id: row.sender, username: row.username, displayName: row.display_name },
    own: row.own === 1,
    time: row.time,
    caption: row.caption ?? '',
    place: row.place,
  };
}
