/**
 * Things to be stored, divided by conversation into lanes: each lane has one group under way at a time, and a bounded
 * number of lanes at once. So what is stuck holds up its own lane, and order within a conversation stays.
 */
import type { ConversationId } from '../../protocol/index.ts';
import type { Clock } from '../ports/clock.ts';

export interface DividedLanes {
  readonly count: number;
  /** Groups under way at once. */
  readonly atOnce: number;
  laneOf(conversation: ConversationId): number;
}

export interface DividedDeps<T> {
  readonly lanes: DividedLanes;
  /** What may wait in one lane: a stuck one must not take the room of all. */
  readonly mostInLane: { readonly items: number; readonly bytes: number };
  readonly maxGroup: number;
  /** So long after the last trouble the lanes are given up. */
  readonly calmMs: number;
  bytesOf(item: T): number;
  conversationOf(item: T): ConversationId;
  /** As `GroupDeps` says. */
  store(group: readonly T[], lane: number): Promise<unknown>;
  refuse(group: readonly T[], cause: unknown): void;
  onStored(): void;
  /** These do not wait any more: they are being stored. */
  onTaken(group: readonly T[]): void;
  /**
   * Nothing is under way, and either all has been well for a while, or one group after another failed in whatever lane:
   * then it is all of the store that is in trouble. What waits is handed back, in order.
   */
  onOver(waiting: T[], why: 'calm' | 'hopeless'): void;
  readonly uptime: Clock;
}

/** A group takes some milliseconds; one that takes so long waits for something. */
export const slowAfterMs = 1_000;

interface Lane<T> {
  readonly index: number;
  items: T[];
  bytes: number;
  /** When its group under way began; null when none is. */
  since: number | null;
  /** Its last group failed or was slow. */
  isSuspect: boolean;
}

export class Divided<T> {
  readonly #deps: DividedDeps<T>;
  readonly #lanes: Lane<T>[];
  readonly #runs = new Set<Promise<void>>();
  /** Conversations of a group that was under way when the lanes were made: what follows in them waits for it. */
  #held: ReadonlySet<ConversationId> = new Set();
  #suspectsUnderWay = 0;
  #failuresInRow = 0;
  #troubledAt: number;
  /** Where the search for the next group begins, so that each lane has its turn. */
  #next = 0;

  constructor(deps: DividedDeps<T>) {
    this.#deps = deps;
    this.#lanes = Array.from({ length: deps.lanes.count }, (_, index) => {
      return { index, items: [], bytes: 0, since: null, isSuspect: false };
    });
    this.#troubledAt = deps.uptime();
  }

  /** @returns false when its lane has no room; `however many` there are in it, none is turned away. */
  add(item: T, room: 'bounded' | 'however many' = 'bounded'): boolean {
    const { mostInLane, bytesOf } = this.#deps;
    const lane = this.#laneFor(item);
    const bytes = bytesOf(item);
    const isFull = lane.items.length >= mostInLane.items || lane.bytes + bytes > mostInLane.bytes;
    if (isFull && room === 'bounded') return false;
    lane.items.push(item);
    lane.bytes += bytes;
    return true;
  }

  /** This group is under way without a lane. */
  hold(group: readonly T[]): void {
    this.#held = new Set(group.map((item) => this.#deps.conversationOf(item)));
  }

  /** The group that was held is over. */
  release(): void {
    this.#held = new Set();
    this.start();
  }

  /** The group that was held was not stored: it goes before what came later. */
  putBack(group: readonly T[]): void {
    const fronts = new Map<Lane<T>, T[]>();
    for (const item of group) {
      const lane = this.#laneFor(item);
      fronts.set(lane, [...(fronts.get(lane) ?? []), item]);
    }
    for (const [lane, front] of fronts) {
      lane.items = [...front, ...lane.items];
      for (const item of front) lane.bytes += this.#deps.bytesOf(item);
    }
    this.release();
  }

  /** Stores what may be stored now; the rest follows by itself. */
  start(): void {
    const over = this.#isOver();
    if (over === null) return this.#startLanes();
    if (this.#runs.size > 0) return;
    this.#deps.onOver(
      this.#lanes.flatMap(({ items }) => items),
      over,
    );
  }

  #startLanes(): void {
    const { length } = this.#lanes;
    const first = this.#next;
    for (let step = 0; step < length && this.#runs.size < this.#deps.lanes.atOnce; step++) {
      const lane = this.#lanes[(first + step) % length];
      if (!lane || !this.#mayRun(lane)) continue;
      const group = this.#take(lane);
      if (group.length === 0) continue;
      this.#next = lane.index + 1;
      this.#begin(lane, group);
    }
  }

  /** Resolves once some of what is under way is over; null when nothing is. */
  underWay(): Promise<void> | null {
    return this.#runs.size > 0 ? Promise.race(this.#runs) : null;
  }

  #laneFor(item: T): Lane<T> {
    const { lanes, conversationOf } = this.#deps;
    const lane = this.#lanes[lanes.laneOf(conversationOf(item))];
    if (!lane) throw new Error('A conversation belongs to a lane that there is not.');
    return lane;
  }

  /** Those that are in trouble share half of what may be under way, so that the others always have the other half. */
  #mayRun({ items, since, isSuspect }: Lane<T>): boolean {
    if (items.length === 0 || since !== null) return false;
    return !isSuspect || this.#suspectsUnderWay < Math.max(1, Math.floor(this.#deps.lanes.atOnce / 2));
  }

  #take(lane: Lane<T>): T[] {
    const { maxGroup, conversationOf, bytesOf, onTaken } = this.#deps;
    const group: T[] = [];
    const rest: T[] = [];
    for (const item of lane.items) {
      const fits = group.length < maxGroup && !this.#held.has(conversationOf(item));
      (fits ? group : rest).push(item);
    }
    lane.items = rest;
    for (const item of group) lane.bytes -= bytesOf(item);
    if (group.length > 0) onTaken(group);
    return group;
  }

  #begin(lane: Lane<T>, group: readonly T[]): void {
    const run = this.#run(lane, group).then(() => {
      this.#runs.delete(run);
      this.#deps.onStored();
      this.start();
    });
    this.#runs.add(run);
  }

  async #run(lane: Lane<T>, group: readonly T[]): Promise<void> {
    const { uptime, store, refuse } = this.#deps;
    const wasSuspect = lane.isSuspect;
    const since = uptime();
    lane.since = since;
    if (wasSuspect) this.#suspectsUnderWay++;
    const failure = await store(group, lane.index);
    if (failure !== null) refuse(group, failure);
    if (wasSuspect) this.#suspectsUnderWay--;
    lane.since = null;
    this.#failuresInRow = failure === null ? 0 : this.#failuresInRow + 1;
    lane.isSuspect = failure !== null || uptime() - since > slowAfterMs;
    if (lane.isSuspect) this.#troubledAt = uptime();
  }

  #isOver(): 'calm' | 'hopeless' | null {
    if (this.#held.size > 0) return null;
    if (this.#failuresInRow >= 2 * this.#deps.lanes.atOnce) return 'hopeless';
    const now = this.#deps.uptime();
    const isTroubled = now - this.#troubledAt < this.#deps.calmMs;
    const isStuck = this.#lanes.some(({ since }) => since !== null && now - since >= slowAfterMs);
    return isTroubled || isStuck ? null : 'calm';
  }
}
