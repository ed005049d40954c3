/**
 * The third step: when a conversation was made or last got messages, by the database's own clock. Relays that look for
 * messages of which they were not told go by it, since the clocks of the relays that stored them may be off.
 */
import type { Engine } from './engine.ts';

/** A constant default changes no row that there is. */
export function changeTimeSchema(_engine: Engine): readonly string[] {
  return [
    `ALTER TABLE conversations ADD COLUMN IF NOT EXISTS changed_at timestamptz NOT NULL DEFAULT '1970-01-01 00:00+00'`,
  ];
}
