/** The seam for end-to-end encryption: what turns content into payloads, and payloads into content. */
import type { ConversationId, Envelope, MessageId } from '../../../protocol/index.ts';

export interface SealInput {
  readonly conversation: ConversationId;
  readonly message: MessageId;
  readonly epoch: number;
  readonly content: Uint8Array;
}

export interface Sealed {
  readonly payload: Envelope['payload'];
  /** Writes the sealer's new state; called in the transaction that pins the payload to (message, epoch). */
  readonly store: () => void;
}

export interface Opened {
  /** The content's bytes; null when this build or this device cannot open the payload. */
  readonly content: Uint8Array | null;
  /** Writes the sealer's new state; called in the transaction that stores the message. */
  readonly store: () => void;
}

/**
 * Calls for one conversation come one after another: `seal` in the order typed, `open` in seq order, or in any with
 * `opensAhead`.
 * When the transaction fails, `store` did not happen and the same call is made again later.
 */
export interface Sealer {
  seal(input: SealInput): Promise<Sealed>;
  /** Resolves for any bytes whatever; never rejects because of a payload. */
  open(conversation: ConversationId, envelope: Envelope): Promise<Opened>;
  /**
   * Whether `open` may be asked for messages ahead of others that are yet to come. Then the newest messages of a long
   * conversation are shown first; with a sealer whose state goes on from message to message they come in their order.
   */
  readonly opensAhead?: boolean;
  /**
   * Opens a stored payload once more, in any order and without any state: for content that an earlier version could not
   * read. Left out by a sealer that can open a payload only once.
   */
  reopen?(conversation: ConversationId, envelope: Pick<Envelope, 'id' | 'payload'>): Promise<Opened['content']>;
}
