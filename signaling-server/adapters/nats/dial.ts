/** Opens one connection to one of the NATS servers, through the protocol layer of the client library. */
import { readFileSync } from 'node:fs';
import {
  buildAuthenticator,
  credsAuthenticator,
  defaultOptions,
  ProtocolHandler,
  setTransportFactory,
} from '@nats-io/transport-node';
import { nodeResolveHost, NodeTransport } from '@nats-io/transport-node/lib/node_transport.js';
import type { BusAddress } from './bus-address.ts';

export interface DialOptions {
  readonly address: BusAddress;
  /** Servers of the cluster that were heard of, besides those of the address. */
  readonly discovered: readonly string[];
  /** How the server's own lists call this connection. */
  readonly name: string;
  readonly credentialsFile?: string | undefined;
  readonly caFile?: string | undefined;
  readonly timeoutMs: number;
}

/**
 * Tries each server once, in any order. The library's own reconnecting is not used: it is wanted before the first
 * connection too, must end at once when the relay stops, and must not leave sockets to servers that hang.
 * @throws what the last server, or the network, said.
 */
export async function dial(options: DialOptions, signal: AbortSignal): Promise<ProtocolHandler> {
  setTransportFactory({ factory: () => new NodeTransport(), dnsResolveFn: nodeResolveHost });
  const handler = new ProtocolHandler(libraryOptions(options), { publish() {} });
  const dialing = handler.dialLoop();
  const settled = new AbortController();
  try {
    await Promise.race([dialing, aborted(signal, settled.signal)]);
    return handler;
  } catch (error) {
    hangUp(handler);
    // What was on its way when it was given up may still come to be.
    dialing.then(
      () => hangUp(handler),
      () => {},
    );
    throw error;
  } finally {
    settled.abort();
  }
}

/** Ends a connection in whatever state it is; the library's `close` leaves sockets open that are still connecting. */
export function hangUp(handler: ProtocolHandler): void {
  handler.close().catch(() => {});
  // There is none before the name of the first server is resolved.
  (handler.transport as ProtocolHandler['transport'] | undefined)?.discard();
}

/** Bytes that the system has not taken from this connection yet. */
export function waitingBytes({ transport }: ProtocolHandler): number {
  if (!(transport instanceof NodeTransport)) return 0;
  // None after the connection ended.
  return (transport.socket as NodeTransport['socket'] | undefined)?.writableLength ?? 0;
}

function libraryOptions(options: DialOptions): ConstructorParameters<typeof ProtocolHandler>[0] {
  const { address, discovered, name, credentialsFile, caFile, timeoutMs } = options;
  const { user, password, token } = address;
  const authenticator = buildAuthenticator({
    ...(user === undefined ? {} : { user, pass: password }),
    ...(token === undefined ? {} : { token }),
    // Read anew each time: an admin may have changed it.
    ...(credentialsFile ? { authenticator: credsAuthenticator(readFileSync(credentialsFile)) } : {}),
  });
  return {
    ...defaultOptions(),
    servers: [...new Set([...address.hosts, ...discovered])],
    authenticator,
    name,
    timeout: timeoutMs,
    resolve: true,
    reconnect: false,
    // Subscribers of this process were told already.
    noEcho: true,
    ...(address.tls || caFile ? { tls: caFile ? { caFile } : {} } : {}),
  };
}

/** Rejects when `signal` says so, unless `settled` did before. */
function aborted(signal: AbortSignal, settled: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => reject(new Error('The relay is stopping.'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true, signal: settled });
  });
}
