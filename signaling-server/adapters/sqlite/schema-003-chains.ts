/**
 * The third step: checkpoints of the conversations' chains, what devices signed off, and which sessions were ended from
 * elsewhere, so that such a device is told to erase what it keeps. Links are 32 bytes.
 */
export const chainSchema = `
CREATE TABLE chain_checkpoints (
  conversation INTEGER NOT NULL REFERENCES conversations (id),
  seq INTEGER NOT NULL,
  link BLOB NOT NULL,
  PRIMARY KEY (conversation, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE attestations (
  conversation INTEGER NOT NULL REFERENCES conversations (id),
  device INTEGER NOT NULL REFERENCES devices (id),
  seq INTEGER NOT NULL,
  link BLOB NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (conversation, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX attestations_device ON attestations (device);

-- Tokens of sessions that were revoked from elsewhere: whoever shows one is told so.
CREATE TABLE revoked_tokens (
  token_hash BLOB PRIMARY KEY,
  device INTEGER NOT NULL REFERENCES devices (id)
) STRICT, WITHOUT ROWID;
`;
