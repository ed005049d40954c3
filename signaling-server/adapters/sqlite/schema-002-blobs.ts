/**
 * The second step: who put which blob into which conversation, and what is being uploaded. The bytes are elsewhere.
 * `blob` is the id's 32 bytes.
 */
export const blobSchema = `
CREATE TABLE blob_holds (
  conversation INTEGER NOT NULL REFERENCES conversations (id),
  blob BLOB NOT NULL,
  user INTEGER NOT NULL REFERENCES users (id),
  bytes INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (conversation, blob, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_holds_blob ON blob_holds (blob);
CREATE INDEX blob_holds_user ON blob_holds (user, bytes);
CREATE INDEX blob_holds_at ON blob_holds (at);

CREATE TABLE blob_uploads (
  user INTEGER NOT NULL REFERENCES users (id),
  blob BLOB NOT NULL,
  conversation INTEGER NOT NULL REFERENCES conversations (id),
  bytes INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (user, blob, conversation)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_uploads_at ON blob_uploads (at);

-- Let go of by the last who held or sent them; what is held again stays.
CREATE TABLE blob_removals (blob BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
`;
