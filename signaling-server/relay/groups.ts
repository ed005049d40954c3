/**
 * Stores things in groups, one group after another: what comes while one is being stored makes up the next. Where the
 * store lies on several machines, a group that fails or takes long is divided, so that conversations whose machine is
 * well do not wait for those whose machine is not.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ConversationId } from '../../protocol/index.ts';
import type { Clock } from '../ports/clock.ts';
import { Divided, slowAfterMs, type DividedLanes } from './divided.ts';

export interface GroupDeps<T> {
  /** Things that may wait, and their bytes together. */
  readonly most: number;
  readonly mostBytes: number;
  readonly maxGroup: number;
  bytesOf(item: T): number;
  conversationOf(item: T): ConversationId;
  /**
   * Stores and answers a group; never rejects.
   * @param lane left out while groups are of all conversations.
   * @returns null, or why nothing of it was stored and nobody answered.
   */
  store(group: readonly T[], lane?: number): Promise<unknown>;
  /** Tells those who sent the group that it was not stored, and why. */
  refuse(group: readonly T[], cause: unknown): void;
  onStored(): void;
  /** Into what groups may be divided; null: they are not. */
  readonly lanes: DividedLanes | null;
  readonly uptime: Clock;
  /** Groups are divided from now on, or are one at a time again. */
  onDivided(isDivided: boolean, cause: unknown): void;
}

/** A group that failed after longer than that is not tried again in parts: its senders have waited enough. */
const retriedWithinMs = 4_000;
/** Divided for so long after the last trouble; twice as long each time that trouble returns soon after. */
const calmMs = { least: 10_000, most: 160_000 } as const;

export class Groups<T> {
  readonly #deps: GroupDeps<T>;
  #items: T[] = [];
  #count = 0;
  #bytes = 0;
  #running: Promise<void> | null = null;
  #divided: Divided<T> | null = null;
  #calmMs: number = calmMs.least;
  #joinedAt = -Infinity;
  /** Dividing was no help: not again before then. */
  #wholeUntil = -Infinity;

  constructor(deps: GroupDeps<T>) {
    this.#deps = deps;
  }

  get waiting(): number {
    return this.#count;
  }

  get isDivided(): boolean {
    return this.#divided !== null;
  }

  /** @returns false when there is no room: the thing is not taken. */
  add(item: T): boolean {
    const bytes = this.#deps.bytesOf(item);
    if (this.#count >= this.#deps.most || this.#bytes + bytes > this.#deps.mostBytes) return false;
    if (this.#divided === null) this.#items.push(item);
    else if (!this.#divided.add(item)) return false;
    this.#count++;
    this.#bytes += bytes;
    return true;
  }

  /** Stores what is there; what is added meanwhile follows by itself. */
  start(): void {
    this.#divided?.start();
    if (this.#divided === null && this.#items.length > 0) this.#running ??= this.#storeAll();
  }

  /** Resolves once everything that was added has been stored or refused. */
  async settled(): Promise<void> {
    const underWay = () => this.#running ?? this.#divided?.underWay() ?? null;
    while (underWay() || this.#count > 0) await (underWay() ?? nextTurn());
  }

  /** One group at a time, of all conversations. */
  async #storeAll(): Promise<void> {
    while (this.#divided === null && this.#items.length > 0) {
      const group = this.#items.splice(0, this.#deps.maxGroup);
      this.#left(group);
      const { lanes, uptime } = this.#deps;
      if (lanes === null || uptime() < this.#wholeUntil) await this.#storeWhole(group);
      else await this.#storeWatched(group, lanes);
      this.#deps.onStored();
    }
    this.#running = null;
    this.start();
  }

  async #storeWhole(group: readonly T[]): Promise<void> {
    const failure = await this.#deps.store(group);
    if (failure !== null) this.#deps.refuse(group, failure);
  }

  /** What comes after a group that takes long does not wait for it, but for what is of the same conversations. */
  async #storeWatched(group: readonly T[], lanes: DividedLanes): Promise<void> {
    const { uptime, store, refuse } = this.#deps;
    const began = uptime();
    const watch = setTimeout(() => this.#divide(lanes, null, group), slowAfterMs);
    const failure = await store(group);
    clearTimeout(watch);
    if (failure === null) this.#divided?.release();
    else if (uptime() - began > retriedWithinMs) {
      this.#divide(lanes, failure, group).release();
      refuse(group, failure);
    } else {
      this.#count += group.length;
      for (const item of group) this.#bytes += this.#deps.bytesOf(item);
      this.#divide(lanes, failure, group).putBack(group);
    }
  }

  #divide(lanes: DividedLanes, cause: unknown, held: readonly T[]): Divided<T> {
    if (this.#divided) return this.#divided;
    const { uptime, most, mostBytes, onDivided } = this.#deps;
    const returned = uptime() - this.#joinedAt < 2 * this.#calmMs;
    this.#calmMs = returned ? Math.min(2 * this.#calmMs, calmMs.most) : calmMs.least;
    const divided = new Divided<T>({
      ...this.#deps,
      lanes,
      mostInLane: { items: most / 4, bytes: mostBytes / 4 },
      calmMs: this.#calmMs,
      onTaken: (group) => this.#left(group),
      onOver: (items, why) => this.#join(items, why),
    });
    this.#divided = divided;
    divided.hold(held);
    for (const item of this.#items) divided.add(item, 'however many');
    this.#items = [];
    onDivided(true, cause);
    divided.start();
    return divided;
  }

  #join(items: T[], why: 'calm' | 'hopeless'): void {
    this.#divided = null;
    this.#joinedAt = this.#deps.uptime();
    if (why === 'hopeless') this.#wholeUntil = this.#joinedAt + this.#calmMs;
    this.#items = items;
    this.#deps.onDivided(false, null);
    this.start();
  }

  /** They do not wait any more. */
  #left(group: readonly T[]): void {
    this.#count -= group.length;
    for (const item of group) this.#bytes -= this.#deps.bytesOf(item);
  }
}
