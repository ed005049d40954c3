/** The emoji that a person used last on this computer, the newest first. */
import { findEmoji, type Emoji } from './emoji-list.ts';

const key = 'parley.recent-emoji';
const mostKept = 16;

export class RecentEmoji {
  readonly #memory: Storage;
  #signs = $state.raw<readonly string[]>([]);

  constructor(memory: Storage) {
    this.#memory = memory;
    this.#signs = (memory.getItem(key) ?? '').split(' ');
  }

  /** What is on the list of this version. */
  get emoji(): readonly Emoji[] {
    return this.#signs.map(findEmoji).filter((one) => one !== undefined);
  }

  used(sign: string): void {
    this.#signs = [sign, ...this.#signs.filter((one) => one !== sign)].slice(0, mostKept);
    this.#memory.setItem(key, this.#signs.join(' '));
  }

  /** Somebody else may be in front of this computer next. */
  forget(): void {
    this.#signs = [];
    this.#memory.removeItem(key);
  }
}
