/** The newest messages of conversations: those that the log holds and the index on disk does not yet. */
import type { MessageId } from '../../../protocol/index.ts';

/** Unindexed messages of one conversation, in seq order without gaps. */
export interface Tail {
  readonly conversation: number;
  readonly firstSeq: number;
  readonly rows: number[];
  readonly ids: MessageId[];
}

/** A tail of this length is worth indexing: its entries fill whole pages of the index. */
const fullLength = 128;
/** Entries held at most: about 100 bytes each. */
const maxHeld = 65_536;
/** Rows that a start after a crash looks through at most. */
const maxLag = 65_536;

export class LogTails {
  /** The one with the oldest row first: a tail enters with its first row and leaves whole. */
  readonly #tails = new Map<number, Tail>();
  readonly #full = new Set<Tail>();
  #held = 0;
  #lastRow = 0;

  get(conversation: number): Tail | undefined {
    return this.#tails.get(conversation);
  }

  add(conversation: number, seq: number, id: MessageId, row: number): void {
    let tail = this.#tails.get(conversation);
    if (!tail) {
      tail = { conversation, firstSeq: seq, rows: [], ids: [] };
      this.#tails.set(conversation, tail);
    }
    tail.ids.push(id);
    if (tail.rows.push(row) === fullLength) this.#full.add(tail);
    this.#held++;
    this.#lastRow = row;
  }

  /** A tail to index now; undefined while none is full and there is room. */
  due(): Tail | undefined {
    const [full] = this.#full;
    if (full) return full;
    const oldest = this.oldest();
    const lag = this.#lastRow - (oldest?.rows[0] ?? this.#lastRow);
    return this.#held > maxHeld || lag > maxLag ? oldest : undefined;
  }

  oldest(): Tail | undefined {
    const [oldest] = this.#tails.values();
    return oldest;
  }

  remove(tail: Tail): void {
    this.#tails.delete(tail.conversation);
    this.#full.delete(tail);
    this.#held -= tail.rows.length;
  }

  /** Every row up to this one is out of the tails. */
  get indexedThrough(): number {
    const oldest = this.oldest()?.rows[0];
    return oldest === undefined ? this.#lastRow : oldest - 1;
  }
}
