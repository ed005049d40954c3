/** How far this device holds each conversation, and what came early and waits for a hole before it to be filled. */
import type { ConversationId, Envelope } from '../../../protocol/index.ts';
import type { Position, Stretch } from '../storage/conversations-table.ts';
import type { Store } from '../storage/store.ts';

/** `stored`: an own message that was accepted ahead of others and is in the store already. */
type Early = Envelope | 'stored';

/** So many early messages are kept; later ones are fetched when the hole is filled. */
const maxEarly = 1_000;
/** Messages that are missing behind the stretch ahead of a hole; fewer are fetched soon. */
const farBehind = 60;

/**
 * What is stored of a log is its beginning up to `prefix` and, while much of it is on its way, one stretch ahead of that:
 * the newest messages, which people look at first.
 */
export class Track {
  #prefix: number;
  #ahead: Stretch | null;
  /** The newest seq that the relay is known to hold. */
  head: number;
  readonly #early = new Map<number, Early>();

  constructor({ stored, head, ahead }: Pick<Position, 'stored' | 'head' | 'ahead'>) {
    this.#prefix = stored;
    this.head = head;
    this.#ahead = ahead;
  }

  /** Everything up to here is stored, or about to be in the running batch. */
  get prefix(): number {
    return this.#prefix;
  }

  /** Stored as well, behind messages that are missing; null when there is no such stretch. */
  get ahead(): Stretch | null {
    return this.#ahead;
  }

  /** Where a seq stands: held already, the very next one (of the beginning or of the stretch ahead), or behind a hole. */
  place(seq: number): 'held' | 'next' | 'early' {
    this.head = Math.max(this.head, seq);
    if (seq <= this.#prefix) return 'held';
    if (seq === this.#prefix + 1) return 'next';
    if (!this.#ahead || seq < this.#ahead.from) return 'early';
    if (seq <= this.#ahead.to) return 'held';
    return seq === this.#ahead.to + 1 ? 'next' : 'early';
  }

  /** A message is stored whose place was `next`. */
  take(seq: number): void {
    if (this.#ahead && seq === this.#ahead.to + 1) this.#ahead = { from: this.#ahead.from, to: seq };
    else this.#prefix = seq;
    this.#join();
  }

  /**
   * Whether messages that come behind a hole are to be stored ahead of it. Those not far behind the stretch ahead wait for
   * what is between: that one reaches further back.
   */
  isAhead({ from, to }: Stretch): boolean {
    if (from <= this.#prefix + 1) return false;
    const ahead = this.#ahead;
    return !ahead || (to >= ahead.from - 1 && from <= ahead.to + 1) || from - ahead.to > farBehind;
  }

  /** What is missing of a stretch that is to be stored ahead: all of it, or what lies before or behind that which is. */
  lacks({ from, to }: Stretch): Stretch | null {
    const first = Math.max(from, this.#prefix + 1);
    const ahead = this.#ahead;
    if (!ahead || first > ahead.to + 1 || to < ahead.from - 1) return first <= to ? { from: first, to } : null;
    if (first < ahead.from) return { from: first, to: ahead.from - 1 };
    return to > ahead.to ? { from: ahead.to + 1, to } : null;
  }

  /**
   * A stretch is stored that `lacks` gave. One that does not touch the stretch ahead takes its place: what that one held
   * comes again with all that is missing.
   */
  takeAhead({ from, to }: Stretch): void {
    const ahead = this.#ahead;
    const touches = ahead && from <= ahead.to + 1 && to >= ahead.from - 1;
    this.#ahead = touches ? { from: Math.min(from, ahead.from), to: Math.max(to, ahead.to) } : { from, to };
    this.head = Math.max(this.head, to);
    for (const seq of this.#early.keys()) if (seq >= from && seq <= to) this.#early.delete(seq);
    this.#join();
  }

  keep(seq: number, early: Early): void {
    if (this.#early.size < maxEarly) this.#early.set(seq, early);
  }

  /** An early one that is the very next now, taken out. */
  takeNext(): { readonly seq: number; readonly early: Early } | null {
    for (const end of [this.#prefix, this.#ahead?.to]) {
      const seq = (end ?? this.#prefix) + 1;
      const early = this.#early.get(seq);
      if (!early) continue;
      this.#early.delete(seq);
      return { seq, early };
    }
    return null;
  }

  /** Moves the prefix past messages that the relay does not have any more. */
  skipTo(prefix: number): void {
    this.#prefix = Math.max(this.#prefix, prefix);
    this.#join();
    for (const seq of this.#early.keys()) if (seq <= this.#prefix) this.#early.delete(seq);
  }

  /** The relay said that its log ends here; what it gave is behind that even so. */
  endsAt(head: number): void {
    this.head = Math.max(this.#end, head, ...this.#early.keys());
  }

  /** The relay holds nothing beyond what is stored here, whatever was thought before. */
  giveUp(): void {
    this.head = this.#end;
    this.#early.clear();
  }

  /** The relay's log ends before ours: what it says from here on counts. */
  rewind(head: number): void {
    this.#prefix = Math.min(this.#prefix, head);
    this.#ahead =
      this.#ahead && this.#ahead.from <= head ? { ...this.#ahead, to: Math.min(this.#ahead.to, head) } : null;
    this.head = head;
    this.#early.clear();
  }

  /** The first hole that is to be filled, null when there is none: what people look at goes first. */
  hole(): Stretch | null {
    if (this.#end < this.head) return this.#holeAfter(this.#end, this.head);
    return this.#ahead ? this.#holeAfter(this.#prefix, this.#ahead.from - 1) : null;
  }

  /** @param last what is missing at most, where nothing came early. */
  #holeAfter(end: number, last: number): Stretch {
    const early = [...this.#early.keys()].filter((seq) => seq > end);
    return { from: end + 1, to: Math.max(end + 1, Math.min(last, ...early.map((seq) => seq - 1))) };
  }

  get #end(): number {
    return this.#ahead?.to ?? this.#prefix;
  }

  #join(): void {
    if (!this.#ahead || this.#prefix < this.#ahead.from - 1) return;
    this.#prefix = Math.max(this.#prefix, this.#ahead.to);
    this.#ahead = null;
  }
}

export interface Tracks {
  /** Null for a conversation that this device has not heard of. */
  of(conversation: ConversationId): Track | null;
  /** Begins a new conversation's track. */
  begin(conversation: ConversationId, head: number): Track;
  /** Conversations of which something is missing. */
  withHoles(): ConversationId[];
  /** What is on disk counts from here on: after a lost link or a failed transaction. */
  clear(): void;
}

export function createTracks(store: Store): Tracks {
  const tracks = new Map<ConversationId, Track>();
  return {
    of(conversation) {
      const known = tracks.get(conversation);
      if (known) return known;
      const position = store.conversations.position(conversation);
      if (!position) return null;
      const track = new Track(position);
      tracks.set(conversation, track);
      return track;
    },
    begin(conversation, head) {
      const track = new Track({ stored: 0, head, ahead: null });
      tracks.set(conversation, track);
      return track;
    },
    withHoles() {
      const onDisk = store.conversations.positions().filter(({ id, stored, head }) => !tracks.has(id) && stored < head);
      const inMemory = [...tracks].filter(([, track]) => track.hole() !== null);
      return [...inMemory.map(([id]) => id), ...onDisk.map(({ id }) => id)];
    },
    clear: () => tracks.clear(),
  };
}
