/** A real coturn for tests, on 127.0.0.1, with time-limited credentials as an admin would set it up. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isOnPath } from '../../scripts/system-packages.ts';

export interface TurnServer {
  /** For the relay's setting of TURN addresses. */
  readonly url: string;
  readonly secret: string;
  /** How many allocations were made so far: whether anybody came through. */
  allocations(): number;
  stop(): Promise<void>;
}

/** Whether coturn is installed here. */
export const hasTurnServer = isOnPath('turnserver');

const startDeadlineMs = 10_000;

export async function startTurnServer(): Promise<TurnServer> {
  const port = await freeUdpPort();
  const secret = 'secret of the test';
  const child = spawn(
    'turnserver',
    [
      ...['--listening-ip', '127.0.0.1', '--relay-ip', '127.0.0.1', '--listening-port', String(port)],
      ...['--use-auth-secret', '--static-auth-secret', secret, '--realm', 'parley.test', '--allow-loopback-peers'],
      ...['--no-cli', '--no-tls', '--no-dtls', '--no-rfc5780', '--log-file', 'stdout', '--verbose'],
      ...['--userdb', `/tmp/parley-turn-${process.pid}-${port}.db`, '--pidfile', `/tmp/parley-turn-${port}.pid`],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(child, 'exit');
  await answering(port, () => output);
  return {
    url: `turn:127.0.0.1:${port}?transport=udp`,
    secret,
    allocations: () => output.match(/ALLOCATE processed, success/g)?.length ?? 0,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** A STUN binding request (RFC 8489): type 1, no attributes, the magic cookie, a transaction id. */
const bindingRequest = Buffer.concat([Buffer.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]), Buffer.alloc(12, 7)]);

/** Resolves once the server answers a binding request. */
async function answering(port: number, output: () => string): Promise<void> {
  const socket = createSocket('udp4');
  const answered = once(socket, 'message').then(() => true);
  socket.on('error', () => {});
  const deadline = Date.now() + startDeadlineMs;
  try {
    while (Date.now() < deadline) {
      socket.send(bindingRequest, port, '127.0.0.1');
      if (await Promise.race([answered, sleep(50, false)])) return;
    }
    throw new Error(`coturn did not answer: ${output()}`);
  } finally {
    socket.close();
  }
}
