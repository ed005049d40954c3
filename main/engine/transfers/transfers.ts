/** Moves blobs between this device, the relay and other devices, until everybody who should has them. */
import type { TransferView, MediaRef } from '../../../bridge/media-views.ts';
import type { BlobId, ConversationId, DeviceId, SignalContent, UserId } from '../../../protocol/index.ts';

/** A signal between devices that has to do with blobs. */
export type TransferSignal = Exclude<SignalContent, { kind: 'typing' }>;

/** Who sent it; as the relay says, which knows. */
export interface SignalOrigin {
  readonly conversation: ConversationId;
  readonly user: UserId;
  readonly device: DeviceId;
}

export interface Transfers {
  /** An own file is sealed, in the vault and in the table of transfers: see that the others get it. */
  offer(blob: BlobId): void;
  /** The transfers' rows of `in` files were added or revived by somebody else's transaction: begin. */
  look(): void;
  /** The person asks for a file, or for going on with it. @throws ParleyError `not_found`. */
  start(ref: MediaRef): Promise<void>;
  pause(ref: MediaRef): Promise<void>;
  cancel(ref: MediaRef): Promise<void>;
  /** Everything that is under way, waits or failed, and what ended since the engine started; newest first. */
  list(): TransferView[];
  /** Null when the file neither travels nor is wanted. */
  viewOf(ref: MediaRef): TransferView | null;
  clear(): void;
  /** What was here of a file was removed to make room: it is not done any more, and not wanted either. */
  freed(blob: BlobId): void;
  /** The file is gone from all messages, and from here: nothing more is said of it. */
  unlist(blob: BlobId): void;
  /**
   * Somebody wants to see these bytes now: fetches their chunks before all others, and resolves once they are here.
   * @throws ParleyError `unreachable` after a while without progress, `not_found`.
   */
  hurry(blob: BlobId, from: number, length: number): Promise<void>;
  /** A signal of another device. */
  takeSignal(origin: SignalOrigin, content: TransferSignal): void;
  /** The connection to the relay is up and in sync, or gone. */
  up(): void;
  down(): void;
  /** The media settings, or the network, are different now. */
  reconsider(): void;
  close(): Promise<void>;
}
