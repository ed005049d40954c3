/** The sizes and counts that relay and devices agree on; a relay may announce smaller ones, never larger. */
export const limits = {
  /** Characters (UTF-16 code units) of one text message. */
  textCharacters: 16_384,
  /** Bytes of one sealed payload as the relay stores it. */
  payloadBytes: 96 * 1024,
  /** Bytes of one WebSocket message from a device. */
  clientFrameBytes: 256 * 1024,
  /** Bytes the relay aims at for one WebSocket message; one frame more may go past it. */
  relayBatchBytes: 256 * 1024,
  /** Messages that one `deliver` or `fetched` frame carries at most. */
  batchMessages: 500,
  /** Entries of one `sync` frame. */
  syncEntries: 2_000,
  /** People that one device watches at once. */
  watchedUsers: 512,
  /** Bytes of one signal's payload. */
  signalBytes: 16 * 1024,
  usernameCharacters: { min: 3, max: 32 },
  displayNameCharacters: { min: 1, max: 64 },
  passwordCharacters: { min: 8, max: 256 },
  deviceNameCharacters: { min: 1, max: 64 },
  /** Bytes of one HTTP request body. */
  httpBodyBytes: 64 * 1024,
  /** Bytes of one file, whatever way it takes; a relay takes less (`GET /v1/media`). */
  fileBytes: 64 * 1024 ** 3,
  /** Files that are sent without trying the direct way first. */
  smallFileBytes: 1024 * 1024,
  /** Files in one message. */
  mediaItems: 10,
  /** Bytes of all thumbnails of one message together, and of one. */
  thumbnailsBytes: 72 * 1024,
  thumbnailBytes: 12 * 1024,
  /** Points of a waveform, one byte each. */
  waveformPoints: 128,
  fileNameCharacters: 255,
  /** Characters (UTF-16 code units) of one reaction: an emoji with all its parts. */
  reactionCharacters: 32,
  /** Seqs that one `chain` frame asks for, and heads that one `attest` frame tells. */
  chainEntries: 256,
  /** Values in one account content, and characters of one. */
  accountValues: 64,
  accountValueCharacters: 32 * 1024,
  /** Rows of one page of a listing or search. */
  pageRows: 100,
} as const;

/** The protocol versions this build speaks, best first. */
export const protocolVersions = [1] as const;

export const milliseconds = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
