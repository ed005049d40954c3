/** Bounds how many connections one address holds, whatever it does with them: half-open ones cost memory too. */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { ClientAddress } from './client-address.ts';

interface ConnectionLimit {
  /** Whose address counts; a trusted proxy's connections are not limited here, since many people share them. */
  readonly clientAddress: ClientAddress;
  readonly maxConnectionsPerAddress: number;
  readonly isTrustedProxy: (address: string) => boolean;
}

/** The hub refuses sockets at the limit in words; this one is only for who does not even listen. */
const spare = (limit: number) => Math.ceil(limit * 1.25) + 16;

/** Connections above that are closed at once and unread: an answer would cost more than they are worth. */
export function limitConnections(
  server: Server,
  { clientAddress, maxConnectionsPerAddress, isTrustedProxy }: ConnectionLimit,
): void {
  const open = new Map<string, number>();
  const most = spare(maxConnectionsPerAddress);
  const addressOf = new WeakMap<Socket, string>();

  // Shared by all sockets, which are many: `this` is the one that closed.
  function onClose(this: Socket): void {
    const address = addressOf.get(this) ?? '';
    const left = (open.get(address) ?? 1) - 1;
    if (left > 0) open.set(address, left);
    else open.delete(address);
  }

  server.on('connection', (socket: Socket) => {
    const address = clientAddress({ socket, headers: {} } as IncomingMessage);
    if (isTrustedProxy(address)) return;
    const count = open.get(address) ?? 0;
    if (count >= most) {
      socket.destroy();
      return;
    }
    open.set(address, count + 1);
    addressOf.set(socket, address);
    socket.on('close', onClose);
  });
}
