/** What a session still has to be given from the store: kept as numbers and ids, never as messages (P9). */
import type { ClientFrame, Conversation, ConversationId, FrameOf } from '../../protocol/index.ts';
import type { ChainAsk } from './chain.ts';

export type FetchFrame = FrameOf<ClientFrame, 'fetch'>;

/** Messages of one conversation, `next` to `upTo`, both included. */
export interface Range {
  next: number;
  upTo: number;
}

/** The seqs that a device said it holds. */
export type Held = Map<ConversationId, number>;

export class Feed {
  /** Conversations whose messages come from the store for now, the first to be sent first. */
  readonly behind = new Map<ConversationId, Range>();
  /** Conversations to be told anew: changes of them were left out. */
  readonly changed = new Set<ConversationId>();
  readonly fetches: FetchFrame[] = [];
  /** While fetches wait because the device has had much. */
  fetchesRest = false;
  readonly chains: ChainAsk[] = [];
  /** While chains wait until the relay has done enough else. */
  chainsRest = false;
  /** Whether presence and profiles of those it watches were left out. */
  people = false;
  /** Whether it is to be told that the user's devices are others now. */
  devices = false;
  /** What the device holds, as far as it has said. */
  held: Held = new Map();
  /** Whether it wants the last message that it holds again, where there are newer ones. */
  overlap = false;
  /** Conversations of a running sync that are not sent yet. */
  listing: readonly Conversation[] = [];
  /** `waiting` for the device to say what it holds: until then nothing is sent that might come out of order. */
  sync: 'waiting' | 'asked' | 'listing' | 'streaming' | 'none';

  constructor(sync: 'waiting' | 'none') {
    this.sync = sync;
  }

  /** Leaves messages to the store. */
  leave(conversation: ConversationId, first: number, last: number): void {
    const range = this.behind.get(conversation);
    if (range) range.upTo = Math.max(range.upTo, last);
    else this.behind.set(conversation, { next: first, upTo: last });
  }

  /** Whether live messages of the conversation would come out of order. */
  holds(conversation: ConversationId): boolean {
    const isListed = this.sync === 'streaming' || this.sync === 'none';
    return !isListed || this.behind.has(conversation);
  }

  /** Whether there is something to do now. */
  get due(): boolean {
    const syncs = this.sync !== 'waiting' && (this.sync !== 'none' || this.behind.size > 0);
    const asks = (this.fetches.length > 0 && !this.fetchesRest) || (this.chains.length > 0 && !this.chainsRest);
    return syncs || asks || this.#hasNews;
  }

  get done(): boolean {
    const asks = this.fetches.length + this.chains.length;
    return this.sync === 'none' && this.behind.size === 0 && asks === 0 && !this.#hasNews;
  }

  get #hasNews(): boolean {
    return this.changed.size > 0 || this.people || this.devices;
  }
}
