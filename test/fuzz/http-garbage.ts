/** Bytes at the relay's port that are HTTP, nearly HTTP, or nothing of the kind. */
import { connect } from 'node:net';
import { blobPath, paths, type BlobId, type ConversationId, type DeviceId, type UserId } from '../../protocol/index.ts';
import type { Random } from '../rig/random.ts';
import { randomBytes } from './mutate.ts';

export interface HttpKnown {
  readonly token: string;
  /** One that the relay has, in the first of the conversations. */
  readonly blob: BlobId;
  readonly conversations: readonly ConversationId[];
  readonly users: readonly UserId[];
  readonly devices: readonly DeviceId[];
}

/** Every road of `protocol/http.ts`, with names that are right, nearly right or none. */
function roadOf(random: Random, { conversations, users, devices, blob }: HttpKnown): string {
  const [own] = conversations;
  if (own && random.chance(0.2)) return blobPath(own, blob) + random.pick(['', '', '/hashes', '/x']);
  const blobs = paths.blobs.replace(':conversation', odd(random, random.pick(conversations)));
  return random.pick([
    ...Object.values(paths),
    '/',
    '/%00',
    '//',
    '/v1/../../etc/passwd',
    `${paths.users}/${odd(random, random.pick(users))}`,
    `${paths.usersByName}?name=${odd(random, 'anna')}`,
    `${paths.users}?prefix=${odd(random, 'a')}`,
    `${paths.devices}/${odd(random, random.pick(devices))}`,
    `${paths.conversations}/${odd(random, random.pick(conversations))}`,
    blobs,
    `${blobs}/${odd(random, 'a'.repeat(64))}`,
    `${blobs}/${odd(random, '0'.repeat(64))}/hashes`,
  ]);
}

function odd(random: Random, right: string): string {
  if (random.chance(0.6)) return right;
  return random.pick(['', '..', '%2e%2e', right.slice(1), right.toUpperCase(), '%ff', 'x'.repeat(9_000), "'; --"]);
}

const ranges = [
  'bytes=0-',
  'bytes=-1',
  'bytes=5-2',
  'bytes=0-0,2-3',
  `bytes=${10 ** 18}-`,
  'bytes=-0',
  'bytes=a-b',
  'lines=1-2',
  `bytes=${'0-1,'.repeat(2_000)}0-1`,
];
const offsets = ['0', '-1', '1e9', `${2 ** 53}`, 'x', ''];
const methods = ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS', 'BREW', 'CONNECT', ''];
const bodies = [
  '{}',
  '{"username":',
  '[]',
  'null',
  '{"__proto__":{"admin":true},"username":"x","password":"y"}',
  `{"username":${'['.repeat(5_000)}`,
  `{"username":"${'a'.repeat(70_000)}"}`,
  '{"username":{"a":1},"password":[],"device":null,"displayName":1e999}',
  '\ufeff{}',
];

function request(random: Random, known: HttpKnown): Buffer {
  const body = random.chance(0.2) ? randomBytes(random, random.between(0, 400)) : Buffer.from(random.pick(bodies));
  const length = random.chance(0.7) ? body.length : random.pick([-1, 0, 5, 10 ** 12]);
  const headers = [
    random.chance(0.9) ? 'Host: relay.test' : 'Host: \u0001',
    random.chance(0.6) ? `Content-Length: ${length}` : 'Transfer-Encoding: chunked',
    random.chance(0.8) ? 'Content-Type: application/json' : 'Content-Type: text/\u00ff',
    random.chance(0.5)
      ? `Authorization: Bearer ${random.chance(0.5) ? known.token : 'x'.repeat(random.between(0, 3_000))}`
      : 'X-A: b',
    ...(random.chance(0.3)
      ? [
          'Connection: Upgrade',
          'Upgrade: websocket',
          `Sec-WebSocket-Key: ${random.pick(['', 'a', 'dGhlIHNhbXBsZSBub25jZQ=='])}`,
          'Sec-WebSocket-Version: 13',
        ]
      : []),
    ...(random.chance(0.3) ? [`Range: ${random.pick(ranges)}`] : []),
    ...(random.chance(0.2) ? [`Upload-Offset: ${random.pick(offsets)}`] : []),
    ...(random.chance(0.05) ? [`X-Long: ${'y'.repeat(40_000)}`] : []),
  ];
  const head = `${random.pick(methods)} ${roadOf(random, known)}${random.chance(0.3) ? encodeURI('ä\u0000') : ''} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`;
  const whole = Buffer.concat([
    Buffer.from(head, 'latin1'),
    body,
    ...(random.chance(0.3) ? [randomBytes(random, 300)] : []),
  ]);
  return random.chance(0.2) ? whole.subarray(0, random.between(0, whole.length)) : whole;
}

/** A handshake that is right, and then bytes that are no frames, or frames without masks, too long, or of odd kinds. */
function badSocket(random: Random): Buffer {
  const head =
    'GET /v1/socket HTTP/1.1\r\nHost: r\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
  const frame = [random.between(0, 255), random.between(0, 255), ...randomBytes(random, random.between(0, 100))];
  return Buffer.concat([Buffer.from(head), Uint8Array.from(frame)]);
}

/** @returns the status lines that came back until the relay, or we after a moment, hung up. */
export function sendGarbage(random: Random, port: number, known: HttpKnown, lingerMs: number): Promise<string[]> {
  const bytes = random.weighted({ request: 6, socket: 2, raw: 1 });
  const garbage =
    bytes === 'request'
      ? request(random, known)
      : bytes === 'socket'
        ? badSocket(random)
        : Buffer.from(randomBytes(random, 400));
  return new Promise((done) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(garbage));
    socket.setTimeout(lingerMs, () => socket.destroy());
    socket.on('data', (chunk) => (answer += chunk.toString('latin1').slice(0, 10_000)));
    socket.on('error', () => {});
    socket.on('close', () => done([...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => status ?? '')));
  });
}
