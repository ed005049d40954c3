/**
 * The second step: where old messages went that are not in the log any more. `pruned` is true once the last message of
 * the segment is out of the log. Distribution key: the conversation.
 */
import { distributeTable } from './distribute-table.ts';
import type { Engine } from './engine.ts';

export function coldSchema(engine: Engine): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS cold_segments (
      conversation_id uuid NOT NULL,
      first_seq bigint NOT NULL,
      last_seq bigint NOT NULL,
      object text NOT NULL,
      bytes bigint NOT NULL,
      hash bytea NOT NULL,
      link bytea NOT NULL,
      least_id uuid NOT NULL,
      greatest_id uuid NOT NULL,
      noted_at bigint NOT NULL,
      pruned boolean NOT NULL DEFAULT false,
      PRIMARY KEY (conversation_id, first_seq)
    )`,
    ...(engine.distributesTables ? [distributeTable('cold_segments', 'conversation_id')] : []),
  ];
}
