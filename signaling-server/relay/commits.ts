/** Gathers what devices send during one turn of the event loop, and stores it together at the turn's end. */
import type { StoreLanes } from '../ports/store.ts';
import { createAcceptor, type PendingSend } from './accept.ts';
import { createCursorMover, type PendingMove } from './cursors.ts';
import { Groups, type GroupDeps } from './groups.ts';
import type { RelayParts } from './relay-parts.ts';

export interface Commits {
  /** @returns false when too much waits for the store already: the message is not taken. */
  send(send: PendingSend): boolean;
  /** @returns as `send`. */
  move(move: PendingMove): boolean;
  /** Resolves once everything that was handed over has been answered. */
  settled(): Promise<void>;
  readonly waiting: number;
}

/** Messages of one commit: beyond this a larger group is no faster, and all its senders wait for it. */
const maxGroup = 1_000;
/** What may wait while the store is slow or away; about what it takes in some seconds, and what memory bears. */
const sendsWaiting = { most: 100_000, mostBytes: 128 * 1024 * 1024 } as const;
const movesWaiting = { most: 100_000, mostBytes: Infinity } as const;

/**
 * One group at a time: while it is being stored the next one gathers, so groups grow with the load and order stays. Where
 * a part of the store is in trouble they are divided for a while (`Groups`).
 * Messages and cursors do not wait for one another; groups of both that are ready in the same turn are asked for in it,
 * so the store may put them into one commit.
 * @param onStored runs after each group, when its answers are ready to be written.
 */
export function createCommits(parts: RelayParts, onStored: () => void): Commits {
  let isTold = false;

  /** Both groups of one commit end in the same turn: their answers are written together. */
  function tell(): void {
    if (isTold) return;
    isTold = true;
    process.nextTick(() => {
      isTold = false;
      onStored();
    });
  }

  const sends = new Groups<PendingSend>({
    ...sendsWaiting,
    ...createAcceptor(parts),
    ...dividing(parts, 'messages', (lanes) => lanes.appendsAtOnce),
    maxGroup,
    bytesOf: ({ frame }) => frame.payload.byteLength,
    conversationOf: ({ frame }) => frame.conversation,
    onStored: tell,
  });
  const moves = new Groups<PendingMove>({
    ...movesWaiting,
    ...createCursorMover(parts),
    ...dividing(parts, 'cursors', (lanes) => lanes.advancesAtOnce),
    maxGroup: Infinity,
    bytesOf: () => 0,
    conversationOf: ({ frame }) => frame.conversation,
    onStored: tell,
  });
  parts.metrics.gauge(
    'commit_divided',
    'Whether messages, cursors or both are stored in lanes since a part of the store fails or is slow: 0 to 2.',
    () => Number(sends.isDivided) + Number(moves.isDivided),
  );

  let isScheduled = false;

  function schedule(): true {
    if (isScheduled) return true;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      sends.start();
      moves.start();
    });
    return true;
  }

  return {
    send: (send) => sends.add(send) && schedule(),
    move: (move) => moves.add(move) && schedule(),
    async settled() {
      await Promise.all([sends.settled(), moves.settled()]);
    },
    get waiting() {
      return sends.waiting + moves.waiting;
    },
  };
}

type Dividing = Pick<GroupDeps<unknown>, 'lanes' | 'uptime' | 'onDivided'>;

/** How these things are divided when a part of the store is in trouble, and that the log tells of it. */
function dividing(
  { store, uptime, log }: RelayParts,
  things: 'messages' | 'cursors',
  atOnceOf: (lanes: StoreLanes) => number,
): Dividing {
  return {
    lanes: store.lanes ? { ...store.lanes, atOnce: atOnceOf(store.lanes) } : null,
    uptime,
    onDivided(isDivided, cause) {
      if (!isDivided) log.info(`${things}.joined`);
      else log.warn(`${things}.divided`, cause === null ? { why: 'slow' } : { why: 'failed', error: cause });
    },
  };
}
