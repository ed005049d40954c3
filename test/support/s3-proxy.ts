/** Stands between relays and a store of tests: writes down what is asked, passes it on, or fails as stores do. */
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Passing = 'pass' | 'cut' | 'slow down' | 'refuse';

export interface S3Proxy {
  readonly port: number;
  readonly asked: readonly Pick<IncomingMessage, 'method' | 'url' | 'headers'>[];
  close(): Promise<void>;
}

/** @param judge is given each request and how many came before it. */
export async function startS3Proxy(
  port: number,
  judge: (incoming: IncomingMessage, before: number) => Passing,
): Promise<S3Proxy> {
  const asked: IncomingMessage[] = [];
  const server = createServer((incoming, outgoing) => {
    const passing = judge(incoming, asked.length);
    asked.push(incoming);
    if (passing === 'pass') return passOn(port, incoming, outgoing);
    if (passing === 'cut') return void incoming.socket.destroy();
    incoming.resume();
    if (passing === 'refuse') outgoing.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
    else outgoing.writeHead(503).end('<Error><Code>SlowDown</Code></Error>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function passOn(port: number, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, url: path, headers } = incoming;
  const onward = request({ port, host: '127.0.0.1', agent: false, method, path, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(outgoing);
  });
  // Swift puts bytes behind some of its answers to HEAD.
  onward.on('error', () => (outgoing.headersSent ? undefined : outgoing.destroy()));
  if (headers['content-length'] === undefined) onward.end();
  else incoming.pipe(onward);
}
