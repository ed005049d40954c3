/** Servers with one queue before them: first come, first served. */
import type { EventQueue } from './event-queue.ts';

export interface Station {
  /** @param seconds of service. @param done called when it is over. @returns the wait before the service begins. */
  serve(seconds: number, done?: () => void): number;
  /** How long a job that came now would wait. */
  backlog(): number;
  /** Jobs that wait or are served. */
  readonly inside: number;
  /** Seconds of service given out so far. */
  readonly busySeconds: number;
}

/**
 * Since the order is that of arrival, the end of a job is known when it comes: it goes to the server that is free first.
 * @param servers how many jobs are served at a time: cores.
 */
export function createStation(events: EventQueue, servers: number): Station {
  const freeAt = new Array<number>(servers).fill(0);
  let inside = 0;
  let busySeconds = 0;

  function firstFree(): number {
    let best = 0;
    for (let each = 1; each < servers; each++) if ((freeAt[each] ?? 0) < (freeAt[best] ?? 0)) best = each;
    return best;
  }

  const waitFor = (server: number): number => Math.max(0, (freeAt[server] ?? 0) - events.now());

  return {
    serve(seconds, done) {
      const server = firstFree();
      const wait = waitFor(server);
      const end = events.now() + wait + seconds;
      freeAt[server] = end;
      inside++;
      busySeconds += seconds;
      events.at(end, () => {
        inside--;
        done?.();
      });
      return wait;
    },
    backlog: () => waitFor(firstFree()),
    get inside() {
      return inside;
    },
    get busySeconds() {
      return busySeconds;
    },
  };
}
