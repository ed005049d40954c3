/** What a session still has to be given from the store: kept as numbers and ids, never as messages (P9). */
import type { ClientFrame, Conversation, ConversationId, FrameOf } from '../../protocol/index.ts';
import type { ChainAsk } from './chain.ts';
import { Pace } from './pace.ts';

export type FetchFrame = FrameOf<ClientFrame, 'fetch'>;

/** Messages of one conversation, `next` to `upTo`, both included. */
export interface Range {
  next: number;
  upTo: number;
  /** Of a sync, and not of what the device was too slow to take: what is said from now on need not wait for it. */
  readonly listed?: boolean;
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
  /** Whether it takes the newest messages though many before them are yet to come. */
  ahead = false;
  /** Of what is sent in bulk. */
  readonly pace = new Pace();
  /** The newest messages of conversations of which much is missing: sent before the rest. */
  ends: (Range & { readonly conversation: ConversationId })[] = [];
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

  /** Whether live messages of the conversation, from this seq on, would come out of order where that matters. */
  holds(conversation: ConversationId, first: number): boolean {
    if (this.sync !== 'streaming' && this.sync !== 'none') return true;
    const range = this.behind.get(conversation);
    return !!range && !(this.ahead && range.listed && first > range.upTo);
  }

  /** Whether there is something to do now. */
  get due(): boolean {
    const syncs = this.sync !== 'waiting' && (this.sync !== 'none' || this.behind.size > 0) && !this.isPaced;
    const asks = (this.fetches.length > 0 && !this.fetchesRest) || (this.chains.length > 0 && !this.chainsRest);
    return syncs || asks || this.#hasNews;
  }

  /** Whether what it is given next is to wait until the device has read what it was given. */
  get isPaced(): boolean {
    return this.behind.size > 0 && (this.sync === 'streaming' || this.sync === 'none') && this.pace.rests;
  }

  get done(): boolean {
    const asks = this.fetches.length + this.chains.length;
    return this.sync === 'none' && this.behind.size === 0 && asks === 0 && !this.#hasNews;
  }

  get #hasNews(): boolean {
    return this.changed.size > 0 || this.people || this.devices;
  }
}
