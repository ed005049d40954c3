/** Stores things in groups, one group after another: what comes while one is being stored makes up the next. */
import { setImmediate as nextTurn } from 'node:timers/promises';

interface GroupDeps<T> {
  /** Things that may wait, and their bytes together. */
  readonly most: number;
  readonly mostBytes: number;
  readonly maxGroup: number;
  bytesOf(item: T): number;
  /** Stores and answers a group; never rejects. */
  store(group: readonly T[]): Promise<void>;
  onStored(): void;
}

export class Groups<T> {
  readonly #deps: GroupDeps<T>;
  readonly #items: T[] = [];
  #bytes = 0;
  #running: Promise<void> | null = null;

  constructor(deps: GroupDeps<T>) {
    this.#deps = deps;
  }

  get waiting(): number {
    return this.#items.length;
  }

  /** @returns false when there is no room: the thing is not taken. */
  add(item: T): boolean {
    const bytes = this.#deps.bytesOf(item);
    if (this.#items.length >= this.#deps.most || this.#bytes + bytes > this.#deps.mostBytes) return false;
    this.#items.push(item);
    this.#bytes += bytes;
    return true;
  }

  /** Stores what is there; what is added meanwhile follows by itself. */
  start(): void {
    if (this.#items.length > 0) this.#running ??= this.#storeAll();
  }

  /** Resolves once everything that was added has been stored or refused. */
  async settled(): Promise<void> {
    while (this.#running || this.#items.length > 0) await (this.#running ?? nextTurn());
  }

  async #storeAll(): Promise<void> {
    while (this.#items.length > 0) {
      const group = this.#items.splice(0, this.#deps.maxGroup);
      for (const item of group) this.#bytes -= this.#deps.bytesOf(item);
      await this.#deps.store(group);
      this.#deps.onStored();
    }
    this.#running = null;
  }
}
