/** The WebSocket `/v1/socket`: the one file that knows @hono/node-ws. It hands each socket to the hub and steps aside. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { createNodeWebSocket } from '@hono/node-ws';
import { Hono } from 'hono';
import type { WebSocket, WebSocketServer } from 'ws';
import { ParleyError, paths } from '../../protocol/index.ts';
import type { Log } from '../ports/log.ts';
import type { ClientAddress, NodeBindings } from './client-address.ts';
import { refuseUpgrade, whyNotUpgradable } from './upgrade-refusals.ts';

interface SocketRouteDeps {
  readonly accept: (ws: WebSocket, remoteAddress: string) => void;
  readonly configure: (server: WebSocketServer) => void;
  readonly clientAddress: ClientAddress;
  readonly isDraining: () => boolean;
  readonly log: Log;
}

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** @returns the handler of the HTTP server's `upgrade` event. It never throws and leaves no socket behind. */
export function createSocketRoute({
  accept,
  configure,
  clientAddress,
  isDraining,
  log,
}: SocketRouteDeps): UpgradeHandler {
  const app = new Hono<{ Bindings: NodeBindings }>();
  const { wss, injectWebSocket, upgradeWebSocket } = createNodeWebSocket({
    app: { request: askLightly(app) } as unknown as Hono,
  });
  configure(wss);
  app.get(
    paths.socket,
    upgradeWebSocket((context) => ({
      /** Runs before the socket's first byte is read, so that the hub's listeners miss nothing. */
      onOpen(_event, { raw }) {
        if (!raw) return;
        accept(raw, clientAddress((context.env as NodeBindings).incoming));
        stepAside(raw);
      },
    })),
  );
  const upgrade = catchUpgradeHandler(injectWebSocket);
  return (request, socket, head) => {
    const onError = () => socket.destroy();
    socket.on('error', onError);
    const refusal = isDraining() ? goingAway() : whyNotUpgradable(request, socket);
    if (refusal) return refuseUpgrade(socket, refusal);
    upgrade(request, socket, head).then(
      () => socket.off('error', onError),
      (error: unknown) => {
        log.error('socket.upgrade_failed', { error });
        socket.destroy();
      },
    );
  };
}

/**
 * The helper asks the app as a test would, with a whole `Request`, of which a handshake needs three properties. Without
 * it a handshake takes a tenth less time, which counts when thousands of devices come back at once.
 */
function askLightly(app: Hono<{ Bindings: NodeBindings }>) {
  return (url: URL, { headers }: { headers: Headers }, env: NodeBindings): Response | Promise<Response> =>
    app.fetch({ method: 'GET', url: url.href, headers } as Request, env);
}

/**
 * The helper adds listeners of its own after `onOpen`, which would cost a call a message and keep the whole request
 * in memory for as long as the socket lives. The hub reads the socket itself.
 */
function stepAside(ws: WebSocket): void {
  const events = ['message', 'close', 'error'] as const;
  const kept = new Set(events.flatMap((event) => ws.rawListeners(event)));
  queueMicrotask(() => {
    for (const event of events) {
      const added = ws.listeners(event).filter((listener) => !kept.has(listener));
      if (added.length < ws.listenerCount(event)) {
        for (const listener of added) ws.off(event, listener as () => void);
      }
    }
  });
}

type AsyncUpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;

/** The helper would listen by itself, where an error of its handler ends the process: its handler is called from here. */
function catchUpgradeHandler(inject: (server: Server) => void): AsyncUpgradeHandler {
  const caught: AsyncUpgradeHandler[] = [];
  const server = { on: (_event: 'upgrade', handler: AsyncUpgradeHandler) => caught.push(handler) };
  inject(server as unknown as Server);
  return async (request, socket, head) => {
    for (const handler of caught) await handler(request, socket, head);
  };
}

function goingAway(): ParleyError {
  return new ParleyError('going_away', { message: 'The relay is stopping. Come back shortly.', retryAfterMs: 2_000 });
}
