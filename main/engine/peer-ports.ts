/** Joins the host's answer to `peer.open` with the port of the peer page, which comes on its own. */
import type { Port } from '../../bridge/rpc.ts';
import { ParleyError } from '../../protocol/index.ts';

export interface PeerPorts {
  /** @param ask asks the host for the page. @returns its port. @throws ParleyError `unavailable` when none comes. */
  next(ask: () => Promise<void>): Promise<Port>;
  arrived(port: Port): void;
}

/** For a page to load on a computer that is busy. */
const longestMs = 30_000;

export function createPeerPorts(): PeerPorts {
  let waiting: ((port: Port) => void) | null = null;

  return {
    next: (ask) =>
      new Promise((resolve, reject) => {
        const fail = (error: unknown) => {
          clearTimeout(timer);
          if (waiting === take) waiting = null;
          reject(error instanceof Error ? error : noPage());
        };
        const take = (port: Port) => {
          clearTimeout(timer);
          resolve(port);
        };
        const timer = setTimeout(() => fail(noPage()), longestMs);
        // Before asking: the port may be here before the answer.
        waiting = take;
        ask().catch(fail);
      }),
    arrived(port) {
      const take = waiting;
      waiting = null;
      if (take) take(port);
      else port.close();
    },
  };
}

function noPage(): ParleyError {
  return new ParleyError('unavailable', { message: 'The page for direct connections did not open.' });
}
