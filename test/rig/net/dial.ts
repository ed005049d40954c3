/** Connects to the first of several ports of this machine that takes the connection. */
import { connect, type Socket } from 'node:net';

/** @returns null when none does. */
export async function dial(ports: readonly number[]): Promise<Socket | null> {
  for (const port of ports) {
    const socket = await dialOne(port);
    if (socket) return socket;
  }
  return null;
}

function dialOne(port: number): Promise<Socket | null> {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => done(null));
    socket.once('connect', () => done(socket));
  });
}
