/** The HTTP server's patience, the admin socket's place, and the Node that can run the relay. */
import { connect } from 'node:net';
import { join } from 'node:path';
import { Hono } from 'hono';
import { afterEach, describe, expect, it } from 'vitest';
import { adminSocketPath } from '../../../signaling-server/admin/admin-path.ts';
import type { RelayApp } from '../../../signaling-server/app.ts';
import { nodeFault } from '../../../signaling-server/cli/node-version.ts';
import { createClientAddress } from '../../../signaling-server/http/client-address.ts';
import { listen, type Listener } from '../../../signaling-server/server.ts';

let listener: Listener | null = null;
afterEach(async () => {
  listener?.stopAccepting();
  await listener?.finish(0);
  listener = null;
});

function listenWith(app: Hono): Promise<Listener> {
  return listen({
    app: app as unknown as RelayApp,
    onUpgrade: (_request, socket) => socket.destroy(),
    host: '127.0.0.1',
    port: 0,
    tls: null,
    clientAddress: createClientAddress([]),
    isTrustedProxy: () => false,
    maxConnections: 100,
    maxConnectionsPerAddress: 100,
    timeouts: { headersTimeout: 200, requestTimeout: 300, keepAliveTimeout: 1_000, connectionsCheckingInterval: 50 },
  });
}

/** Everything the server says until it closes the connection. */
function talk(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let heard = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (heard += chunk));
    socket.on('error', () => {}).on('close', () => resolve(heard));
  });
}

describe('a request that comes too slowly', () => {
  const slow = [
    ['in its head', 'POST /a HTTP/1.1\r\nHost: a\r\nContent-Le'],
    ['in its body', 'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nabc'],
  ] as const;
  it.each(slow)('%s is ended with a coded 408', async (_where, text) => {
    const app = new Hono().post('/a', async (context) => context.text(await context.req.text()));
    listener = await listenWith(app);
    const heard = await talk(listener.port, text);
    expect(heard).toMatch(/^HTTP\/1\.1 408 /);
    expect(heard).toContain('"code":"too_slow"');
  });
});

describe('a server that stops', () => {
  it('lets the request that is under way finish', async () => {
    let begun = (): void => {};
    const isBegun = new Promise<void>((resolve) => (begun = resolve));
    const app = new Hono().get('/a', async (context) => {
      begun();
      await new Promise((resolve) => setTimeout(resolve, 100));
      return context.text('done');
    });
    listener = await listenWith(app);
    const answer = fetch(`http://127.0.0.1:${listener.port}/a`);
    await isBegun;
    listener.stopAccepting();
    await listener.finish(0);
    expect(await (await answer).text()).toBe('done');
    listener = null;
  });
});

describe('the admin socket', () => {
  it('is in the data folder, and nowhere when its path is too long for the system', () => {
    expect(adminSocketPath('/var/lib/parley')).toBe('/var/lib/parley/admin.sock');
    expect(adminSocketPath(join('/', 'x'.repeat(200)))).toBeNull();
  });
});

describe('the Node that runs it', () => {
  it('is taken when it has the interface that the database needs', () => {
    expect(nodeFault()).toBeNull();
  });
});
