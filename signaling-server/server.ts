/** Listens for HTTP and WebSockets, in the clear or over TLS, and keeps slow and broken clients bounded. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { ParleyError } from '../protocol/index.ts';
import type { RelayApp } from './app.ts';
import { setBodyDeadline } from './http/body-deadline.ts';
import type { ClientAddress } from './http/client-address.ts';
import { limitConnections } from './http/connection-limit.ts';
import type { UpgradeHandler } from './http/socket-route.ts';
import type { TlsFiles } from './http/tls-files.ts';
import { rawAnswer } from './http/upgrade-refusals.ts';

interface ListenOptions {
  readonly app: Pick<RelayApp, 'fetch'>;
  readonly onUpgrade: UpgradeHandler;
  readonly host: string;
  readonly port: number;
  readonly tls: TlsFiles | null;
  /** The connection's own address, whoever it may speak for. */
  readonly clientAddress: ClientAddress;
  readonly isTrustedProxy: (address: string) => boolean;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly timeouts?: HttpTimeouts;
}

export interface Listener {
  readonly port: number;
  /** Serves new connections with another certificate. */
  renewTls(tls: TlsFiles): void;
  /** Takes no new connections, and ends those that are idle. */
  stopAccepting(): void;
  /** Lets requests that are under way finish, for so long or a moment, and ends the rest. */
  finish(patienceMs: number): Promise<void>;
}

/** As many as Linux allows unless told otherwise (net.core.somaxconn): reconnect storms queue instead of timing out. */
const backlog = 4_096;

export interface HttpTimeouts {
  /** For the head of a request, from the connection's first byte on. */
  readonly headersTimeout: number;
  /** For the body of a request that is not a file. */
  readonly requestTimeout: number;
  readonly keepAliveTimeout: number;
  readonly connectionsCheckingInterval: number;
}

const defaultTimeouts: HttpTimeouts = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
};

/** What a stopping relay gives requests that are under way at least: a password check and its commit. */
const requestGraceMs = 2_000;
const idleCheckMs = 20;

/** Above the hub's own limit, so that the hub is the one to say so in words. */
const spareConnections = 1_024;

/**
 * The system looks by itself whether the other side of a quiet connection is still there: after so long, then each second,
 * and ends the connection when ten looks are unanswered (libuv's numbers). So a dead link is noticed within 25 s however
 * rare heartbeats are, and nobody in this process is woken for the living ones.
 */
const keepAliveIdleMs = 15_000;

/** @throws ParleyError `unavailable` with a line for the admin when the address cannot be had. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const server = createHttpServer(options);
  server.maxConnections = options.maxConnections + spareConnections;
  limitConnections(server, options);
  server.on('upgrade', options.onUpgrade);
  server.on('clientError', answerBrokenRequest);
  await bind(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    renewTls(tls) {
      (server as TlsServer).setSecureContext(tls);
    },
    stopAccepting: () => void server.close(),
    finish: (patienceMs) => finishRequests(server, Math.max(patienceMs, requestGraceMs)),
  };
}

/** Called once the server has been told to close. */
async function finishRequests(server: Server, patienceMs: number): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    server.once('close', resolve);
    if (!server.listening) server.getConnections((_error, count) => count === 0 && resolve());
  });
  const tidy = setInterval(() => server.closeIdleConnections(), idleCheckMs);
  const cut = setTimeout(() => server.closeAllConnections(), patienceMs);
  await ended;
  clearInterval(tidy);
  clearTimeout(cut);
}

function createHttpServer({ app, tls, timeouts = defaultTimeouts }: ListenOptions): Server | TlsServer {
  const { requestTimeout, ...nodeTimeouts } = timeouts;
  const answer = getRequestListener((request, env) => app.fetch(request, env), {
    autoCleanupIncoming: false,
    errorHandler: () =>
      Response.json({ error: { code: 'bad_request', message: 'The request is malformed.' } }, { status: 400 }),
  });
  const keepAlive = { keepAlive: true, keepAliveInitialDelay: keepAliveIdleMs };
  const options = { ...nodeTimeouts, ...keepAlive, requestTimeout: 0 };
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    // HTTP/1.0 knows no such header, and many balancers ask for a node's health by it; Hono's adapter cannot do without.
    incoming.headers.host ??= 'relay';
    setBodyDeadline(incoming, outgoing, requestTimeout);
    void answer(incoming, outgoing);
  };
  return tls
    ? createTlsServer({ ...options, ...tls, handshakeTimeout: timeouts.headersTimeout }, listener)
    : createServer(options, listener);
}

function bind(server: Server, { host, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new ParleyError('unavailable', { message: whyNotListening(cause, host, port), cause }));
    });
    server.listen({ host, port, backlog }, resolve);
  });
}

function whyNotListening({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is taken by another program. Stop that one, or choose another port with --port.`;
    case 'EACCES':
      return `Port ${port} may not be opened by this user. Choose one above 1023 with --port.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `This machine has no address ${host}. Choose another one with --host, such as 0.0.0.0.`;
    default:
      return `The relay cannot listen on ${host} port ${port}: ${message}.`;
  }
}

/** What is not HTTP, or comes too slowly, gets the one shape of failure where the connection still takes it. */
function answerBrokenRequest(cause: NodeJS.ErrnoException, socket: Duplex): void {
  if (cause.code === 'ECONNRESET' || !socket.writable || (socket as Socket).bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const error =
    cause.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? new ParleyError('too_slow', { message: 'The request took too long to arrive.' })
      : new ParleyError('bad_request', { message: 'This is not an HTTP request that the relay can read.' });
  socket.end(rawAnswer(error), () => socket.destroy());
}
