/** Gathers what devices send during one turn of the event loop, and stores it together at the turn's end. */
import { createAcceptor, type PendingSend } from './accept.ts';
import { createCursorMover, type PendingMove } from './cursors.ts';
import type { RelayParts } from './relay-parts.ts';

export interface Commits {
  send(send: PendingSend): void;
  move(move: PendingMove): void;
  /** Resolves once everything that was handed over has been answered. */
  settled(): Promise<void>;
  readonly waiting: number;
}

/** Messages of one commit: beyond this a larger group is no faster, and all its senders wait for it. */
const maxGroup = 1_000;

/**
 * One group at a time: while it is being stored the next one gathers, so groups grow with the load and order stays.
 * @param onStored runs after each group, when its answers are ready to be written.
 */
export function createCommits(parts: RelayParts, onStored: () => void): Commits {
  const accept = createAcceptor(parts);
  const moveCursors = createCursorMover(parts);
  const sends: PendingSend[] = [];
  let moves: PendingMove[] = [];
  let running: Promise<void> | null = null;

  async function storeAll(): Promise<void> {
    while (sends.length > 0 || moves.length > 0) {
      const group = sends.splice(0, maxGroup);
      const moved = moves;
      moves = [];
      // Both are asked for in the same turn, so the store may put them into one commit.
      await Promise.all([group.length > 0 && accept(group), moved.length > 0 && moveCursors(moved)]);
      onStored();
    }
    running = null;
  }

  function schedule(): void {
    running ??= new Promise((resolve) => setImmediate(() => void storeAll().then(resolve)));
  }

  return {
    send(send) {
      sends.push(send);
      schedule();
    },
    move(move) {
      moves.push(move);
      schedule();
    },
    async settled() {
      while (running) await running;
    },
    get waiting() {
      return sends.length + moves.length;
    },
  };
}
