/** What the relay's parts report about themselves; `/metrics` shows it. Called on the hot path: implementations only count. */
export interface RelayMetrics {
  socketOpened(): void;
  /** @param authenticated whether it got as far as `welcome`. */
  socketClosed(closeCode: number, authenticated: boolean): void;
  sessionOpened(): void;
  frameReceived(type: string): void;
  frameRefused(code: string): void;
  messagesAccepted(count: number): void;
  messagesDelivered(count: number): void;
  /** One durable commit of the log. */
  committed(messages: number, ms: number): void;
  /** A session whose socket is full and that is fed from the store until it drains. */
  sessionLagging(): void;
  /** A blob is whole and readable now. */
  blobPublished(): void;
  blobBytesIn(count: number): void;
  blobBytesOut(count: number): void;
  /** Something about a blob was refused with this code. */
  blobRefused(code: string): void;
  /** @param read returns the present value when asked: queue lengths, buffered bytes. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void;
}
