/** How far this device holds each conversation, and what came early and waits for a hole before it to be filled. */
import type { ConversationId, Envelope } from '../../../protocol/index.ts';
import type { Store } from '../storage/store.ts';

/** `stored`: an own message that was accepted ahead of others and is in the store already. */
type Early = Envelope | 'stored';

/** So many early messages are kept; later ones are fetched when the hole is filled. */
const maxEarly = 1_000;

export class Track {
  /** Everything up to here is stored, or about to be in the running batch. */
  prefix: number;
  /** The newest seq that the relay is known to hold. */
  head: number;
  readonly #early = new Map<number, Early>();

  constructor(prefix: number, head: number) {
    this.prefix = prefix;
    this.head = head;
  }

  /** Where a seq stands: held already, the very next one, or behind a hole. */
  place(seq: number): 'held' | 'next' | 'early' {
    this.head = Math.max(this.head, seq);
    if (seq <= this.prefix) return 'held';
    return seq === this.prefix + 1 ? 'next' : 'early';
  }

  keep(seq: number, early: Early): void {
    if (this.#early.size < maxEarly) this.#early.set(seq, early);
  }

  /** The early one that is the very next now, taken out. */
  takeNext(): Early | undefined {
    const early = this.#early.get(this.prefix + 1);
    if (early) this.#early.delete(this.prefix + 1);
    return early;
  }

  /** Moves the prefix past messages that the relay does not have any more. */
  skipTo(prefix: number): void {
    this.prefix = Math.max(this.prefix, prefix);
    for (const seq of this.#early.keys()) if (seq <= prefix) this.#early.delete(seq);
  }

  /** The relay holds nothing beyond what is stored here, whatever was thought before. */
  giveUp(): void {
    this.head = this.prefix;
    this.#early.clear();
  }

  /** The relay's log ends before ours: what it says from here on counts. */
  rewind(head: number): void {
    this.prefix = head;
    this.head = head;
    this.#early.clear();
  }

  /** The first hole, null when there is none. */
  hole(): { from: number; to: number } | null {
    if (this.prefix >= this.head) return null;
    const firstEarly = Math.min(this.head + 1, ...this.#early.keys());
    return { from: this.prefix + 1, to: Math.max(this.prefix + 1, firstEarly - 1) };
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
      const track = new Track(position.stored, position.head);
      tracks.set(conversation, track);
      return track;
    },
    begin(conversation, head) {
      const track = new Track(0, head);
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
