/** The balancer's example configuration does what its comments say, with real nodes behind a real HAProxy. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer, WebSocket } from 'ws';
import { hasBalancer, startExampleBalancer } from '../../support/example-balancer.ts';
import { removeFolder, temporaryFolder } from '../../support/relay-config.ts';

let folder: string;
let balancer: ChildProcess;
let address: string;
let nodes: StandIn[];

/** A relay as the balancer sees it: `/readyz`, requests and sockets. */
class StandIn {
  readonly name: string;
  readonly server: Server;
  readonly sockets = new WebSocketServer({ noServer: true });
  ready = 200;

  constructor(name: string) {
    this.name = name;
    this.server = createServer((request, answer) => {
      answer.statusCode = request.url === '/readyz' ? this.ready : 200;
      answer.end(`${name} ${request.headers['x-forwarded-for'] ?? ''}`);
    });
    this.server.on('upgrade', (request, socket, head) =>
      this.sockets.handleUpgrade(request, socket, head, (ws) => ws.send(name)),
    );
  }

  async listen(): Promise<number> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  /** Answers nobody any more, and tells nobody. */
  die(): void {
    this.server.close();
    for (const ws of this.sockets.clients) ws.pause();
  }
}

describe.skipIf(!hasBalancer)('the balancer', () => {
  beforeEach(async () => {
    folder = await temporaryFolder();
    nodes = [new StandIn('one'), new StandIn('two'), new StandIn('three')];
    const ports = await Promise.all(nodes.map((node) => node.listen()));
    const started = await startExampleBalancer(folder, ports);
    balancer = started.process;
    address = `https://127.0.0.1:${started.port}`;
    await vi.waitFor(async () => expect((await ask('/')).status).toBe(200), patience);
  });
  afterEach(async () => {
    balancer.kill('SIGKILL');
    for (const { server, sockets } of nodes) {
      for (const ws of sockets.clients) ws.terminate();
      server.closeAllConnections();
      server.close();
    }
    await removeFolder(folder);
  });

  it('says who asks, whatever they say themselves, and keeps metrics inside', async () => {
    const answer = await ask('/', { 'X-Forwarded-For': '203.0.113.9' });
    expect(answer.text).toMatch(/^(one|two|three) 127\.0\.0\.1$/);
    expect((await ask('/metrics')).status).toBe(403);
  });

  it('gives a node that is not ready nobody new, and leaves it whom it has', async () => {
    const { ws, name } = await connect();
    const node = nodes.find((each) => each.name === name);
    if (node) node.ready = 503;
    await vi.waitFor(async () => {
      const answered = await Promise.all(Array.from({ length: 12 }, () => ask('/')));
      expect(answered.filter(({ text }) => text.startsWith(name))).toEqual([]);
    }, patience);
    expect(ws.readyState).toBe(WebSocket.OPEN);
    for (const each of nodes) each.ready = 503;
    await vi.waitFor(async () => expect((await ask('/')).status).toBe(503), patience);
    expect(ws.readyState).toBe(WebSocket.OPEN);
    ws.terminate();
  });

  it('cuts off those on a node that does not answer, so that they go to another', async () => {
    const { ws, name } = await connect();
    const closed = once(ws, 'close');
    nodes.find((each) => each.name === name)?.die();
    await closed;
    const again = await connect();
    expect(again.name).not.toBe(name);
    again.ws.terminate();
  });
});

const patience = { timeout: 15_000, interval: 100 };

async function ask(path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  const asked = request(address + path, { headers, agent: false, rejectUnauthorized: false }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += String(chunk);
  return { status: answer.statusCode ?? 0, text };
}

async function connect(): Promise<{ ws: WebSocket; name: string }> {
  const ws = new WebSocket(`${address.replace('https', 'wss')}/v1/socket`, { rejectUnauthorized: false });
  ws.on('error', () => {});
  const [name] = (await once(ws, 'message')) as [Buffer];
  return { ws, name: name.toString() };
}
