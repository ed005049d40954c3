/** The part of the configuration that sockets and acts depend on. */
export interface RelaySettings {
  /** Shown to people on the welcome screen. */
  readonly name: string;
  readonly version: string;
  readonly heartbeatMs: number;
  readonly deadAfterMs: number;
  /** A socket that has not said hello by then is closed. */
  readonly helloTimeoutMs: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  /** Sockets of one address that have not said hello yet. */
  readonly maxGreetingsPerAddress: number;
  readonly maxDevicesPerUser: number;
  /** Messages a user may send: a steady rate and a burst. */
  readonly sendsPerSecond: number;
  readonly sendBurst: number;
  /** Frames of any kind from one device. */
  readonly framesPerSecond: number;
  readonly frameBurst: number;
  /** Bytes waiting in one socket above which it is fed from the store instead of from memory. */
  readonly maxBufferedBytes: number;
  /** A socket that stays full for so long without taking a byte is closed with `too_slow`. */
  readonly stalledAfterMs: number;
}

export const defaultRelaySettings: Omit<RelaySettings, 'name' | 'version'> = {
  heartbeatMs: 12_000,
  deadAfterMs: 26_000,
  helloTimeoutMs: 10_000,
  maxConnections: 200_000,
  maxConnectionsPerAddress: 20_000,
  maxGreetingsPerAddress: 12_000,
  maxDevicesPerUser: 50,
  sendsPerSecond: 50,
  sendBurst: 500,
  framesPerSecond: 200,
  frameBurst: 2_000,
  maxBufferedBytes: 1024 * 1024,
  stalledAfterMs: 60_000,
};
