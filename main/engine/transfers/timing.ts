/** How long the transfers wait for what, in milliseconds. */

export interface TransferTiming {
  /** What the direct way is given before the relay is used for a large file, and after a direct path broke. */
  readonly graceMs: number;
  /** For two devices to connect, from the first signal to the first frame. */
  readonly connectMs: number;
  /** A connection from which something was asked and nothing came is given up. */
  readonly silentMs: number;
  /** A blob of which nothing came while others moved on the same connection is asked elsewhere. */
  readonly stalledMs: number;
  /** A connection on which nothing is asked is closed. */
  readonly idleMs: number;
  /** The peer page without connections is given back. */
  readonly idlePageMs: number;
  /** Others are asked again who has a blob that nobody brings. */
  readonly askAgainMs: number;
  /** A device that has part of a blob is asked again for what it has now. */
  readonly refreshMs: number;
  /** A device that was told that chunks are here may connect within this time. */
  readonly admittedMs: number;
  /** Bytes that a viewer waits for did not come any nearer. */
  readonly hurryMs: number;
  /** Between two events of progress. Drawing one costs each app some 10 ms of CPU where there is no graphics card. */
  readonly viewsMs: number;
  /** First and longest wait before the relay is asked again for a blob that it does not have. */
  readonly absent: { readonly firstMs: number; readonly longestMs: number };
  /** The same where it was full, too busy, or not to be reached. */
  readonly fault: { readonly firstMs: number; readonly longestMs: number };
  /** The same between two tries to connect to a device. */
  readonly reconnect: { readonly firstMs: number; readonly longestMs: number };
}

export const defaultTiming: TransferTiming = {
  graceMs: 3_000,
  connectMs: 12_000,
  silentMs: 20_000,
  stalledMs: 60_000,
  idleMs: 30_000,
  idlePageMs: 60_000,
  askAgainMs: 45_000,
  refreshMs: 2_000,
  admittedMs: 120_000,
  hurryMs: 20_000,
  viewsMs: 500,
  absent: { firstMs: 20_000, longestMs: 600_000 },
  fault: { firstMs: 2_000, longestMs: 300_000 },
  reconnect: { firstMs: 1_000, longestMs: 60_000 },
};
