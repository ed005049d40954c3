/** The id that a database is given when it is made, by whichever relay comes first. */
import type { ClientBase } from 'pg';
import { createId, type RelayId } from '../../../protocol/index.ts';
import { idFromBytes, idToBytes } from '../sqlite/ids.ts';
import { readMeta } from './migrations.ts';

const key = 'relay_id';

export async function loadRelayId(client: ClientBase, now: number): Promise<RelayId> {
  const known = await readMeta(client, key);
  if (known) return idFromBytes(known);
  await client.query('INSERT INTO meta VALUES ($1, $2) ON CONFLICT DO NOTHING', [key, idToBytes(createId(now))]);
  const kept = await readMeta(client, key);
  if (!kept) throw new Error('The database has lost its relay id.');
  return idFromBytes(kept);
}
