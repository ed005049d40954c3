/**
 * Old history outside the store: messages of one conversation, packed into segments that never change. The store keeps
 * the catalogue of them, and takes the messages out of its log only once their segment is there and was read back.
 */
import type { ConversationId, MessageId } from '../../protocol/index.ts';

/**
 * Keeps segments: sealed, opaque, under names that are never used twice. Each adapter passes `runSegmentsContract`.
 * - a promise that resolves after `put` means the bytes are there after a power cut;
 * - an object can be read whole or not at all;
 * - a full store rejects with ParleyError `storage_full`, one that is away with `unavailable`.
 */
export interface SegmentStorage {
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Null when there is none of this name. */
  get(name: string): Promise<Uint8Array | null>;
  /** One that is not there is no fault. */
  remove(name: string): Promise<void>;
  /** Names that begin so, in no order, and when each was put. */
  list(prefix: string): AsyncIterable<{ readonly name: string; readonly at: number }>;
  /** Rejects when segments cannot be served. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** A segment as the store notes it. */
export interface ColdSegment {
  readonly conversation: ConversationId;
  /** All messages from `firstSeq` up to `lastSeq`. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Its name in the SegmentStorage. */
  readonly object: string;
  readonly bytes: number;
  /** SHA-256 of the object as it is stored. */
  readonly hash: Uint8Array;
  /** The chain's link at `lastSeq` (protocol/chain.ts). */
  readonly link: Uint8Array;
  /** The least and the greatest of its messages' ids. */
  readonly leastId: MessageId;
  readonly greatestId: MessageId;
  readonly notedAt: number;
  /** Whether its messages were taken out of the log. */
  readonly pruned: boolean;
}

/** The store's part. Rules as in `ports/store.ts`; every query is keyed by the conversation. */
export interface ColdCatalogue {
  /** Notes a segment that follows the one before; the log stays as it is. @returns false when one begins there already. */
  note(segment: Omit<ColdSegment, 'pruned'>): Promise<boolean>;
  /**
   * Takes the messages of a noted segment out of the log, then marks it pruned; done before, or in part, it is no fault. The
   * segment must not have the conversation's newest message.
   */
  prune(conversation: ConversationId, firstSeq: number): Promise<void>;
  /** The segment with the greatest seqs; null when there is none. */
  last(conversation: ConversationId): Promise<ColdSegment | null>;
  /** The segment that has the message of this seq; null when none has. */
  holding(conversation: ConversationId, seq: number): Promise<ColdSegment | null>;
  /** Segments between whose least and greatest id this one lies. */
  mayHold(conversation: ConversationId, id: MessageId): Promise<ColdSegment[]>;
  /** A page of all conversations by id, after the given one: for looking through them in the background. */
  conversations(after: ConversationId | null, limit: number): Promise<ConversationId[]>;
  /** Whether there is any segment at all. */
  any(): Promise<boolean>;
}
