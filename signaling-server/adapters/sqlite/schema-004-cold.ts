/**
 * The fourth step: where old messages went that are not in the log any more. Ids are 16 bytes, hashes and links 32.
 * `pruned` is 1 once the last message of the segment is out of the log.
 */
export const coldSchema = `
CREATE TABLE cold_segments (
  conversation INTEGER NOT NULL REFERENCES conversations (id),
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  object TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  hash BLOB NOT NULL,
  link BLOB NOT NULL,
  least_id BLOB NOT NULL,
  greatest_id BLOB NOT NULL,
  noted_at INTEGER NOT NULL,
  pruned INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (conversation, first_seq)
) STRICT, WITHOUT ROWID;
`;
