/** A relay's HTTP for blobs, small and in the test's hands: it fails when it is told to, and counts what it is asked for. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHash } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { beginBlobSchema, chunkFormat, errorTable, type ErrorCode, type Ice } from '../../protocol/index.ts';

interface Held {
  readonly bytes: number;
  readonly parts: Buffer[];
  size: number;
}

type Step = 'begin' | 'patch' | 'get' | 'hashes' | 'ice';

export class ScriptedBlobs {
  readonly blobs = new Map<string, Held>();
  /** What it was asked, in order. */
  readonly asked: Step[] = [];
  /** Says no to a step. */
  refuse: (step: Step) => ErrorCode | null = () => null;
  /** Takes so many bytes of an upload, or gives so many of a download, then breaks the connection; null: all. */
  breakAfter: number | null = null;
  /** Changes what is given out. */
  spoil: (bytes: Buffer) => Buffer = (bytes) => bytes;
  /** Waits before every piece that it takes. */
  pause: () => Promise<void> = async () => {};
  direct: Ice['direct'] = 'on';
  servedBytes = 0;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => response.destroy());
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      this.#server.closeAllConnections();
      this.#server.close();
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  count(step: Step): number {
    return this.asked.filter((each) => each === step).length;
  }

  isWhole(blob: string): boolean {
    const held = this.blobs.get(blob);
    return held !== undefined && held.size === held.bytes;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    const blob = /\/blobs\/([0-9a-f]{64})/.exec(pathname)?.[1] ?? '';
    const step = stepOf(request.method ?? '', pathname);
    this.asked.push(step);
    const code = this.refuse(step);
    if (code) return refuse(response, code);
    if (step === 'ice') return json(response, { servers: [], direct: this.direct, ttlSeconds: 600 });
    if (step === 'begin') return this.#begin(request, response);
    const held = this.blobs.get(blob);
    if (!held) return refuse(response, 'not_found');
    if (step === 'patch') return this.#patch(request, response, held);
    if (held.size < held.bytes) return refuse(response, 'not_found');
    return this.#give(request, response, held, step);
  }

  async #begin(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { blob, bytes } = beginBlobSchema.parse(JSON.parse(Buffer.concat(parts).toString('utf8')));
    const held = this.blobs.get(blob) ?? { bytes, parts: [], size: 0 };
    this.blobs.set(blob, held);
    json(response, { offset: held.size, whole: held.size === held.bytes });
  }

  async #patch(request: IncomingMessage, response: ServerResponse, held: Held): Promise<void> {
    if (Number(request.headers['upload-offset']) !== held.size) return refuse(response, 'blob_offset');
    let taken = 0;
    for await (const part of request) {
      await this.pause();
      held.parts.push(part as Buffer);
      held.size += (part as Buffer).byteLength;
      taken += (part as Buffer).byteLength;
      if (this.breakAfter !== null && taken >= this.breakAfter) return void request.destroy();
    }
    response.writeHead(204, { 'Upload-Offset': held.size }).end();
  }

  async #give(request: IncomingMessage, response: ServerResponse, held: Held, step: Step): Promise<void> {
    const whole = Buffer.concat(held.parts);
    if (step === 'hashes') return void response.end(hashesOf(whole));
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    await this.pause();
    const bytes = this.spoil(Buffer.from(whole.subarray(Number(from), Number(to) + 1)));
    response.writeHead(206, { 'content-length': bytes.byteLength });
    const part = this.breakAfter === null ? bytes : bytes.subarray(0, this.breakAfter);
    this.servedBytes += part.byteLength;
    response.write(part, () => (part.byteLength < bytes.byteLength ? response.destroy() : response.end()));
  }
}

function stepOf(method: string, path: string): Step {
  if (path.endsWith('/ice')) return 'ice';
  if (path.endsWith('/hashes')) return 'hashes';
  if (method === 'POST') return 'begin';
  return method === 'PATCH' ? 'patch' : 'get';
}

function hashesOf(sealed: Buffer): Buffer {
  const hashes: Buffer[] = [];
  for (let at = 0; at < sealed.byteLength; at += chunkFormat.sealedBytes)
    hashes.push(
      createHash('sha256')
        .update(sealed.subarray(at, at + chunkFormat.sealedBytes))
        .digest(),
    );
  return Buffer.concat(hashes);
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, code: ErrorCode): void {
  const body = JSON.stringify({ error: { code, message: `The test's relay says ${code}.` } });
  response.writeHead(errorTable[code].http, { 'content-type': 'application/json' }).end(body);
}
