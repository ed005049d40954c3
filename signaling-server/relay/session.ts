/** A device's connection as the acts see it: what it may do depends on how far it got. */
import type { ClientFrame, DeviceId, ParleyError, UserId } from '../../protocol/index.ts';
import type { Feed } from './feed.ts';
import type { Person } from './people.ts';
import type { Watching } from './presence.ts';
import type { TokenBucket } from './token-bucket.ts';

/** The way to a device's socket. */
export interface Wire {
  /** False once it is closing; what is sent then is dropped. */
  readonly open: boolean;
  /** Takes an encoded frame along with the next write, at the end of this turn. */
  send(frame: Uint8Array): void;
  /** Like `send`, for what only says that the device was heard: whether it arrives is not watched over. */
  reply(frame: Uint8Array): void;
  /** Bytes on their way that the device has not taken yet. */
  waiting(): number;
  /** Calls back once, when the device has taken most of what waits. */
  whenDrained(listener: () => void): void;
  /** Calls back once, when the device has read all that was sent up to now. @param mark a byte, another each time. */
  whenTaken(mark: number, listener: () => void): void;
  /** Says why, then closes with the code's close code. */
  fail(error: ParleyError): void;
}

/** Connected, and not yet known who it is. */
export interface Greeting {
  readonly state: 'greeting';
  readonly since: number;
}

/** Said hello; its token is being looked up. What it says in the meantime waits. */
export interface Verifying {
  readonly state: 'verifying';
  readonly since: number;
  readonly waiting: ClientFrame[];
}

export interface OpenSession {
  readonly state: 'open';
  readonly wire: Wire;
  readonly user: UserId;
  readonly device: DeviceId;
  readonly person: Person;
  readonly frames: TokenBucket;
  /** What the device has to be given from the store; null when it is up to date. */
  feed: Feed | null;
  watching: Watching | null;
  /** Whether the device takes frames of type `devices`. */
  readonly hearsOfDevices: boolean;
  /** By the clock, so that nodes can tell the newer of two connections of a device. */
  readonly openedAt: number;
  /** Like all that follows, and what the other states say, by the relay's uptime. */
  readonly since: number;
  /** When the store was last told that the device is there. */
  touchedAt: number;
  /** Ends what its socket listens to. */
  leave: () => void;
}

export interface ClosedSession {
  readonly state: 'closed';
}

export type Session = Greeting | Verifying | OpenSession | ClosedSession;
