/** The hidden page that holds WebRTC connections: opened when one is needed, opened again after a crash, given back when idle. */
import type { TransferPath } from '../../../bridge/media-views.ts';
import { peerContract, type PeerContract } from '../../../bridge/peer-contract.ts';
import { createRpcClient, type RpcClient } from '../../../bridge/rpc.ts';
import type { Ice } from '../../../protocol/index.ts';
import type { PeerHost } from '../options.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';

export interface PeerConnection {
  /** A step of the negotiation that came from the other side. */
  step(data: string): void;
  /**
   * Resolves when there is room for the next frame. @throws ParleyError `unreachable`.
   * @param anyOrder whether it may arrive before frames sent earlier, or after later ones.
   */
  send(frame: Uint8Array, anyOrder: boolean): Promise<void>;
  /** `onClosed` is not called any more. */
  close(): void;
}

export interface PeerConnectionEvents {
  onStep(data: string): void;
  onOpened(path: TransferPath): void;
  onFrame(frame: Uint8Array): void;
  /** Once, also for a connection that never came about. */
  onClosed(reason: string): void;
}

export interface PeerConnectionOptions {
  readonly name: string;
  readonly initiator: boolean;
  readonly servers: Ice['servers'];
  /** By TURN servers alone. */
  readonly relayed: boolean;
}

export interface PeerPage {
  connect(options: PeerConnectionOptions, events: PeerConnectionEvents): PeerConnection;
  close(): void;
}

interface PeerPageDeps {
  readonly host: PeerHost;
  readonly clock: Clock;
  readonly log: Log;
  readonly idlePageMs: number;
}

type Page = RpcClient<PeerContract>;

export function createPeerPage({ host, clock, log, idlePageMs }: PeerPageDeps): PeerPage {
  const connections = new Map<string, PeerConnectionEvents>();
  let page: Promise<Page> | null = null;
  let cancelIdle: (() => void) | null = null;

  function currentPage(): Promise<Page> {
    cancelIdle?.();
    cancelIdle = null;
    page ??= openPage();
    return page;
  }

  async function openPage(): Promise<Page> {
    try {
      const port = await host.open();
      const opened = createRpcClient(peerContract, port);
      const mine = page;
      // The client listens for the port's end too; this tells the connections.
      port.onClose(() => lose(mine));
      opened.on('peer.step', ({ peer, data }) => connections.get(peer)?.onStep(data));
      opened.on('peer.opened', ({ peer, path }) => connections.get(peer)?.onOpened(path));
      opened.on('peer.frame', ({ peer, frame }) => connections.get(peer)?.onFrame(frame));
      opened.on('peer.closed', ({ peer, reason }) => end(peer, reason));
      return opened;
    } catch (error) {
      page = null;
      throw error;
    }
  }

  /** The page is gone, with all connections. */
  function lose(lost: Promise<Page> | null): void {
    if (page !== lost || page === null) return;
    page = null;
    log.warn('peer-page.lost', { connections: connections.size });
    for (const name of [...connections.keys()]) end(name, 'The page for direct connections closed.');
  }

  function end(name: string, reason: string): void {
    const events = connections.get(name);
    if (!connections.delete(name)) return;
    settle();
    events?.onClosed(reason);
  }

  function settle(): void {
    if (connections.size > 0 || !page || cancelIdle) return;
    cancelIdle = clock.after(idlePageMs, giveBack);
  }

  function giveBack(): void {
    cancelIdle?.();
    cancelIdle = null;
    const idle = page;
    page = null;
    if (!idle) return;
    host.close();
    idle.then(
      (opened) => opened.close(),
      () => {},
    );
  }

  return {
    connect({ name, initiator, servers, relayed }, events) {
      connections.set(name, events);
      const ready = currentPage().then(async (opened) => {
        await opened.invoke('peer.open', { peer: name, initiator, servers, relayed });
        return opened;
      });
      ready.catch((error: unknown) => {
        log.warn('peer-page.failed', {}, error);
        end(name, 'The page for direct connections could not be opened.');
      });
      const quietly = (work: Promise<unknown>) => void work.catch(() => {});
      return {
        step: (data) => quietly(ready.then((opened) => opened.invoke('peer.step', { peer: name, data }))),
        send: async (frame, anyOrder) => (await ready).invoke('peer.send', { peer: name, frame, anyOrder }),
        close() {
          if (!connections.delete(name)) return;
          quietly(ready.then((opened) => opened.invoke('peer.close', { peer: name })));
          settle();
        },
      };
    },
    close() {
      connections.clear();
      giveBack();
    },
  };
}
