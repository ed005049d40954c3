/** What a transfer in either direction tells of itself, and how it is told what goes on around it. */
import type { FaultView } from '../../../bridge/views.ts';
import type { TransferPath } from '../../../bridge/media-views.ts';
import type { UserId } from '../../../protocol/index.ts';

/** How it stands at this moment. */
export interface Movement {
  /** Bytes move, or are about to. */
  readonly active: boolean;
  /** Bytes of the file that are through. */
  readonly done: number;
  readonly bytesPerSecond: number | null;
  /** The way that the last bytes took since the engine started. */
  readonly path: TransferPath | null;
  readonly waitingFor: readonly UserId[];
  readonly fault: FaultView | null;
}

export interface Motion {
  movement(): Movement;
  start(): void;
  /** Ends all that is under way; `start` begins again. */
  stop(): void;
  /** The connection to the relay, the settings, or who is there are different now. */
  reconsider(): void;
}

/** What both directions need to know of the world. */
export interface Surroundings {
  readonly isUp: () => boolean;
  /** Whether files may go from device to device: by the settings, the relay, and what the host offers. */
  readonly isDirectAllowed: () => boolean;
}

export const notConnected: FaultView = {
  code: 'relay_unreachable',
  message: 'There is no connection to the relay right now. The file goes on when it is back.',
};
