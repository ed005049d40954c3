/**
 * Gives memory back after many connections were opened: a handshake leaves garbage that V8 keeps for as long as nothing
 * new is allocated, which on a relay of idle connections is for ever (20 KiB a connection instead of 12).
 */
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Fewer new connections than this, or than a share of all, leave too little behind to be worth a pause. */
const worthwhile = 1_000;
const worthwhileShare = 1 / 8;
/** A collection takes some ten milliseconds for each thousand connections: only while the event loop has time for it. */
const quietUtilization = 0.25;
const lookEveryMs = 3_000;

interface IdleCollector {
  /** Counts one more connection. */
  opened(): void;
  stop(): void;
}

interface Collecting {
  /** How many are open now. */
  readonly connections: () => number;
  readonly collect: () => void;
  /** How busy the event loop was since it was last asked, from 0 to 1. */
  readonly utilization: () => number;
}

export function createIdleCollector({
  connections = () => 0,
  collect = exposedCollector(),
  utilization = measuredUtilization(),
}: Partial<Collecting> = {}): IdleCollector {
  let sinceLast = 0;
  const timer = setInterval(() => {
    const busy = utilization() > quietUtilization;
    if (busy || sinceLast < Math.max(worthwhile, connections() * worthwhileShare)) return;
    sinceLast = 0;
    collect();
  }, lookEveryMs).unref();
  return {
    opened: () => void sinceLast++,
    stop: () => clearInterval(timer),
  };
}

function measuredUtilization(): () => number {
  let before = performance.eventLoopUtilization();
  return () => {
    const { utilization } = performance.eventLoopUtilization(before);
    before = performance.eventLoopUtilization();
    return utilization;
  };
}

/** V8's collector without a flag on the command line, which a relay's way of being started may not allow for. */
function exposedCollector(): () => void {
  let collect: ((options: { type: 'major'; flavor: 'last-resort' }) => void) | null = null;
  return () => {
    if (!collect) {
      setFlagsFromString('--expose-gc');
      collect = runInNewContext('gc') as typeof collect;
      setFlagsFromString('--no-expose-gc');
    }
    // The flavour that also returns the emptied pages to the system.
    collect?.({ type: 'major', flavor: 'last-resort' });
  };
}
