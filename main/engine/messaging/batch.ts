/** What a group of frames does: writes that go to disk in one transaction, and effects that follow once they are there. */
import type { ConversationId } from '../../../protocol/index.ts';
import type { Store } from '../storage/store.ts';
import type { Track, Tracks } from './tracks.ts';

export class Batch {
  readonly #writes: (() => void)[] = [];
  readonly #effects: (() => void)[] = [];
  readonly #touched = new Map<ConversationId, Track>();

  write(write: () => void): void {
    this.#writes.push(write);
  }

  effect(effect: () => void): void {
    this.#effects.push(effect);
  }

  /** The conversation's progress is to be stored with the batch. */
  touch(conversation: ConversationId, track: Track): void {
    this.#touched.set(conversation, track);
  }

  /**
   * All or nothing; when it fails the tracks are read from disk again. What a power cut takes is had from the relay again,
   * which is asked for what the disk lacks.
   */
  store(store: Store, tracks: Tracks): void {
    if (this.#writes.length === 0 && this.#touched.size === 0) return;
    try {
      store.transact(() => {
        for (const write of this.#writes) write();
        for (const [id, { prefix, head, ahead }] of this.#touched) {
          store.conversations.setPosition(id, { stored: prefix, head, ahead });
        }
      }, 'soon');
    } catch (error) {
      tracks.clear();
      throw error;
    }
  }

  runEffects(): void {
    for (const effect of this.#effects) effect();
  }

  touched(): IterableIterator<ConversationId> {
    return this.#touched.keys();
  }
}
