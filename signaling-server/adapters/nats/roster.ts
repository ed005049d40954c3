/** Which other nodes live, by what they say of themselves, and since when their notes may have been missed. */
import { z } from 'zod';
import { timeSchema } from '../../../protocol/index.ts';

/** What a node says of itself every few seconds. */
export const wordSchema = z.object({
  node: z.string().min(1).max(64),
  /** Counts its words, those that nobody could hear too. */
  word: z.number().int().nonnegative(),
  /** Counts the times after which its own notes may not have reached others. */
  losses: z.number().int().nonnegative(),
  /** Its clock. */
  time: timeSchema,
  /** It stops in good order: everything was said. */
  goodbye: z.boolean(),
});
export type Word = z.infer<typeof wordSchema>;

interface RosterDeps {
  /** As in `BusTiming`. */
  readonly nodeSilentMs: number;
  readonly nodeForgottenMs: number;
  /** Since when this node hears. */
  readonly startedAt: number;
  /** Notes of others may have been missed since then, by `elapsed`. */
  onMissed(since: number, why: 'died' | 'returned' | 'lost'): void;
}

interface Node {
  heardAt: number;
  /** Silence counts from here: later than `heardAt` if this node itself could not hear. */
  silentFrom: number;
  /** Null after this node itself could not hear. */
  word: number | null;
  losses: number;
  alive: boolean;
  /** Milliseconds between its clock and this node's, when last heard. */
  skew: number;
}

/** Whoever may speak on the servers could make up any number of nodes. */
const mostNodes = 10_000;

export class Roster {
  readonly #deps: RosterDeps;
  readonly #nodes = new Map<string, Node>();

  constructor(deps: RosterDeps) {
    this.#deps = deps;
  }

  /** Other nodes that are alive. */
  get alive(): number {
    let count = 0;
    for (const node of this.#nodes.values()) if (node.alive) count++;
    return count;
  }

  /** How far the clocks of living nodes are from this one's at most, in milliseconds. */
  get skew(): number {
    let most = 0;
    for (const { alive, skew } of this.#nodes.values()) if (alive) most = Math.max(most, skew);
    return most;
  }

  /** @param clock the time by this node's clock. */
  hear({ node: id, word, losses, time, goodbye }: Word, now: number, clock: number): void {
    if (goodbye) return void this.#nodes.delete(id);
    const before = this.#nodes.get(id);
    if (!before && this.#nodes.size >= mostNodes) return;
    const { startedAt, nodeForgottenMs } = this.#deps;
    const skew = Math.abs(clock - time);
    this.#nodes.set(id, { heardAt: now, silentFrom: now, word, losses, alive: true, skew });
    // It may be one that was forgotten, or that lost notes before its first word came through.
    if (!before && losses > 0) this.#deps.onMissed(Math.max(startedAt, now - nodeForgottenMs), 'lost');
    if (!before) return;
    const missed = before.losses !== losses || (before.word !== null && word > before.word + 1);
    if (!before.alive) this.#deps.onMissed(before.heardAt, 'returned');
    else if (missed) this.#deps.onMissed(before.heardAt, 'lost');
  }

  /** To be called about once a second. */
  check(now: number): void {
    let since = Infinity;
    for (const [id, node] of this.#nodes) {
      const silent = now - node.silentFrom;
      if (silent > this.#deps.nodeForgottenMs) this.#nodes.delete(id);
      if (!node.alive || silent <= this.#deps.nodeSilentMs) continue;
      node.alive = false;
      since = Math.min(since, node.heardAt);
    }
    if (since < Infinity) this.#deps.onMissed(since, 'died');
  }

  /** This node could not hear until now: that others were silent says nothing about them. */
  excuse(now: number): void {
    for (const node of this.#nodes.values()) Object.assign(node, { silentFrom: now, word: null });
  }
}
