/** A real relay on a real port: sockets, signals to stop, broken and greedy clients. */
import { mkdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { encodeClientFrame } from '../../../protocol/index.ts';
import { helloFrame, openPlainClient, registerAt } from '../../support/plain-client.ts';
import { startRelay, type TestRelay } from '../../support/start-relay.ts';

let relay: TestRelay;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await relay.stop();
});

describe('a socket', () => {
  it('is welcomed even when hello comes in the same packet as the handshake', async () => {
    relay = await startRelay();
    const { token } = await registerAt(relay.address, 'alice');
    const frame = Buffer.from(encodeClientFrame(helloFrame(token)));
    const mask = Buffer.alloc(4);
    const header = Buffer.from([0x82, 0x80 | 126, frame.length >> 8, frame.length & 0xff]);
    const raw = openRaw();
    raw.write(Buffer.concat([Buffer.from(handshake()), header, mask, frame]));
    await vi.waitFor(() => expect(received(raw).includes('welcome')).toBe(true), 5_000);
  });

  it('keeps none of the listeners that the helper adds', async () => {
    relay = await startRelay();
    const accepted: { listenerCount(event: string): number }[] = [];
    const accept = relay.hub.accept.bind(relay.hub);
    vi.spyOn(relay.hub, 'accept').mockImplementation((ws, address) => {
      accept(ws, address);
      accepted.push(ws);
    });
    const { token } = await registerAt(relay.address, 'alice');
    const client = openPlainClient(relay.address);
    client.send(helloFrame(token));
    await client.next('welcome');
    expect(accepted).toHaveLength(1);
    expect(accepted[0]?.listenerCount('message')).toBe(1);
    client.ws.close();
    await client.closed;
  });

  it('closes at once when its device is logged out', async () => {
    relay = await startRelay();
    const { token } = await registerAt(relay.address, 'alice');
    const client = openPlainClient(relay.address);
    client.send(helloFrame(token));
    await client.next('welcome');
    await fetch(`${relay.address}/v1/sessions/current`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}` },
    });
    expect((await client.closed).code).toBe(4401);
  });

  it('is told goodbye when the relay stops, and the relay then takes nobody in', async () => {
    relay = await startRelay();
    const { token } = await registerAt(relay.address, 'alice');
    const client = openPlainClient(relay.address);
    client.send(helloFrame(token));
    await client.next('welcome');
    const stopped = relay.stop();
    expect(await client.next('goodbye')).toMatchObject({ code: 'going_away', retryAfterMs: expect.any(Number) });
    expect((await client.closed).code).toBe(4504);
    await stopped;
    await expect(fetch(`${relay.address}/healthz`)).rejects.toThrow();
  });
});

describe('handshakes that are not', () => {
  it('get a coded answer and leave nothing behind', async () => {
    relay = await startRelay();
    const bad = [
      handshake({ path: '/v1/elsewhere' }),
      handshake({ path: '//' }),
      handshake({ key: 'short' }),
      handshake({ version: '7' }),
      handshake({ protocol: 'a, a' }),
      handshake({ method: 'POST' }),
      handshake({ host: 'a b' }),
    ];
    for (const text of bad) {
      const raw = openRaw();
      raw.write(text);
      await vi.waitFor(() => expect(received(raw)).toMatch(/^HTTP\/1\.1 4\d\d .*"error":\{"code":"/s), 5_000);
    }
    expect(relay.hub.counts().connections).toBe(0);
    expect((await fetch(`${relay.address}/readyz`)).status).toBe(200);
  });

  it('do not end the relay when the other side vanishes in the middle', async () => {
    relay = await startRelay();
    for (let i = 0; i < 50; i++) {
      const raw = openRaw();
      raw.write(handshake());
      raw.resetAndDestroy();
    }
    await vi.waitFor(() => expect(relay.hub.counts().connections).toBe(0), 5_000);
    expect((await fetch(`${relay.address}/readyz`)).status).toBe(200);
  });
});

describe('bad HTTP', () => {
  it('of HTTP/1.0 needs no Host header: balancers ask so for health', async () => {
    relay = await startRelay();
    const raw = openRaw();
    raw.write('GET /readyz HTTP/1.0\r\n\r\n');
    await vi.waitFor(() => expect(received(raw)).toMatch(/^HTTP\/1.1 200 .*"ready"/s), 5_000);
  });

  it('that is garbage gets a coded 400', async () => {
    relay = await startRelay();
    for (const text of [
      '\x16\x03\x01\x02\x00garbage\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`,
    ]) {
      const raw = openRaw();
      raw.write(text, 'latin1');
      await vi.waitFor(() => expect(received(raw)).toContain('"code":"bad_request"'), 5_000);
    }
  });

  it('with a hostile Host header gets a coded 400', async () => {
    relay = await startRelay();
    const raw = openRaw();
    raw.write('GET /v1/relay HTTP/1.1\r\nHost: a b/c?d\r\n\r\n');
    await vi.waitFor(() => expect(received(raw)).toMatch(/^HTTP\/1\.1 400/), 5_000);
  });

  it('with a 100 MB body gets 413 and is not read to its end', async () => {
    relay = await startRelay();
    const kinds: Record<string, string>[] = [
      { 'content-length': String(100 * 1024 * 1024) },
      { 'transfer-encoding': 'chunked' },
    ];
    for (const headers of kinds) {
      const { status, sent } = await upload(relay, headers);
      expect(status).toBe(413);
      expect(sent).toBeLessThan(40 * 1024 * 1024);
    }
    expect((await fetch(`${relay.address}/readyz`)).status).toBe(200);
  });

  it('that stays half-open by the thousand leaves the relay serving', async () => {
    relay = await startRelay();
    await Promise.all(
      Array.from({ length: 2_000 }, async (_, i) => {
        const raw = openRaw();
        await new Promise<void>((resolve) => raw.once('connect', () => resolve()));
        if (i % 2 === 0) raw.write('POST /v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Le');
      }),
    );
    const start = performance.now();
    expect((await fetch(`${relay.address}/v1/relay`)).status).toBe(200);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  it('from one address holds only so many connections', async () => {
    relay = await startRelay({ config: { maxConnectionsPerAddress: 5 } });
    const raws = Array.from({ length: 30 }, () => openRaw());
    await vi.waitFor(() => expect(raws.filter((raw) => raw.destroyed || raw.readableEnded)).toHaveLength(7), 5_000);
    for (const raw of raws) raw.destroy();
    await vi.waitFor(async () => expect((await fetch(`${relay.address}/healthz`)).status).toBe(200), 5_000);
  });
});

describe('the relay', () => {
  it('shows what it counts to Prometheus', async () => {
    relay = await startRelay();
    const { token } = await registerAt(relay.address, 'alice');
    const client = openPlainClient(relay.address);
    client.send(helloFrame(token), { type: 'ping' });
    await client.next('pong');
    const text = await (await fetch(`${relay.address}/metrics`)).text();
    for (const line of [
      'parley_sockets_open 1',
      'parley_sessions_open 1',
      'parley_frames_received_total{type="hello"} 1',
      'parley_commit_seconds_bucket',
      'parley_commit_messages_count',
      'parley_password_queue 0',
      'nodejs_eventloop_lag_p99_seconds',
      'process_resident_memory_bytes',
    ]) {
      expect(text).toContain(line);
    }
    client.ws.close();
    await client.closed;
  });

  it('has the same identity and accounts when its backup is restored elsewhere', async () => {
    relay = await startRelay();
    const { token } = await registerAt(relay.address, 'alice');
    const info = async () => ((await (await fetch(`${relay.address}/v1/relay`)).json()) as { id: string }).id;
    const before = await info();
    const restored = `${relay.dataDir}-restored`;
    await mkdir(restored);
    await relay.admin.backup({ file: `${restored}/relay.db` });
    await relay.stop();
    relay = await startRelay({ dataDir: restored });
    expect(await info()).toBe(before);
    expect((await fetch(`${relay.address}/v1/account`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(
      200,
    );
    await relay.stop();
    await rm(restored, { recursive: true });
  });
});

const heard = new WeakMap<Socket, { text: string }>();

function openRaw(): Socket {
  const socket = connect(relay.port, '127.0.0.1');
  const into = { text: '' };
  heard.set(socket, into);
  socket.setEncoding('latin1').on('data', (chunk: string) => (into.text += chunk));
  socket.on('error', () => {});
  sockets.push(socket);
  return socket;
}

function received(socket: Socket): string {
  return heard.get(socket)?.text ?? '';
}

function handshake(
  change: { method?: string; path?: string; key?: string; version?: string; protocol?: string; host?: string } = {},
) {
  const {
    method = 'GET',
    path = '/v1/socket',
    key = 'dGhlIHNhbXBsZSBub25jZQ==',
    version = '13',
    protocol,
    host = 'localhost',
  } = change;
  return [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Key: ${key}`,
    `Sec-WebSocket-Version: ${version}`,
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
    '\r\n',
  ].join('\r\n');
}

/** Sends until it is told to stop. */
function upload(target: TestRelay, headers: Record<string, string>): Promise<{ status: number; sent: number }> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let status = 0;
    const chunk = Buffer.alloc(256 * 1024, 97);
    const out = request({
      port: target.port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/v1/sessions',
      headers: { 'content-type': 'application/json', ...headers },
    });
    out.on('response', (answer) => {
      status = answer.statusCode ?? 0;
      answer.resume();
    });
    out.on('error', () => {});
    out.on('close', () =>
      status === 0 ? reject(new Error(`no answer after ${sent} bytes`)) : resolve({ status, sent }),
    );
    const more = (): void => {
      if (out.destroyed || sent >= 100 * 1024 * 1024) return void out.end();
      sent += chunk.length;
      out.write(chunk, () => setImmediate(more));
    };
    more();
  });
}
