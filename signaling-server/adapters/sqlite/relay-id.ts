/** The id that a database is given when it is made. */
import type { Database } from 'better-sqlite3';
import { createId, type RelayId } from '../../../protocol/index.ts';
import { idFromBytes, idToBytes } from './ids.ts';

export function loadRelayId(db: Database, now: number): RelayId {
  db.prepare("INSERT INTO meta VALUES ('relay_id', ?) ON CONFLICT DO NOTHING").run(idToBytes(createId<RelayId>(now)));
  const bytes = db.prepare<[], Buffer>("SELECT value FROM meta WHERE key = 'relay_id'").pluck().get();
  if (!bytes) throw new Error('The database has lost its relay id.');
  return idFromBytes(bytes);
}
