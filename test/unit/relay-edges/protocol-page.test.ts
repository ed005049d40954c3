/** `docs/protocol.md` says what the code says: frames and their fields, errors, limits, paths. */
import { createCipheriv, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { peerHeadSchema } from '../../../main/engine/transfers/peer-frames.ts';
import {
  accountValueSchemas,
  chainLink,
  chainStart,
  chunkCount,
  chunkFormat,
  chunkPlace,
  clientFrameSchema,
  contentSchema,
  conversationIdSchema,
  decodeContent,
  deviceIdSchema,
  errorTable,
  limits,
  messageIdSchema,
  paths,
  relayFrameSchema,
} from '../../../protocol/index.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/protocol.md'), 'utf8');
const sections = page.split(/^## /m);

function section(title: string): string {
  const found = sections.find((each) => each.startsWith(title));
  if (found === undefined) throw new Error(`no section ${title}`);
  return found;
}

/** The first cells of a table's rows, without backticks. */
function firstColumn(text: string): string[] {
  return [...text.matchAll(/^\| `([\w]+)` \|/gm)].map((match) => match[1] ?? '');
}

/** Frame → its fields as the page's section tells them. */
function framesOf(text: string): Map<string, string[]> {
  const parts = text.split(/^### /m).slice(1);
  return new Map(parts.map((part) => [/^`(\w+)`/.exec(part)?.[1] ?? '', firstColumn(part)]));
}

interface FrameSchema {
  readonly shape: { readonly type: { readonly value: string } };
}

function schemasOf(options: readonly FrameSchema[]): Map<string, string[]> {
  return new Map(options.map(({ shape }) => [shape.type.value, Object.keys(shape)]));
}

/** Seals a file as the page tells it, by Node's own means. */
function sealAsTold(file: Uint8Array, key: Uint8Array): Buffer[] {
  return Array.from({ length: chunkCount(file.byteLength) }, (_, index) => {
    const { plainStart, plainBytes, last } = chunkPlace(file.byteLength, index);
    const place = Buffer.alloc(8);
    place.writeBigUInt64BE(BigInt(index));
    const cipher = createCipheriv('aes-256-gcm', key, Buffer.concat([Buffer.alloc(4), place]));
    cipher.setAAD(Buffer.concat([Buffer.from('parley-chunk-1'), place, Buffer.from([last ? 1 : 0])]));
    const plain = file.subarray(plainStart, plainStart + plainBytes);
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  });
}

const sha256 = (...parts: readonly (Uint8Array | string)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

describe('the page of the protocol', () => {
  it('tells every frame of devices with exactly its fields', () => {
    const told = section('4. What devices say');
    expect(framesOf(told)).toEqual(schemasOf(clientFrameSchema.options));
    expect(firstColumn(told.split('### ')[0] ?? '').sort()).toEqual(
      [...schemasOf(clientFrameSchema.options).keys()].sort(),
    );
  });

  it('tells every frame of the relay with exactly its fields', () => {
    const told = section('5. What the relay says');
    expect(framesOf(told)).toEqual(schemasOf(relayFrameSchema.options));
    expect(firstColumn(told.split('### ')[0] ?? '').sort()).toEqual(
      [...schemasOf(relayFrameSchema.options).keys()].sort(),
    );
  });

  it('has the table of errors as the code has it', () => {
    const rows = [...section('9. Errors').matchAll(/^\| `(\w+)` \| (\d+) \| (\d*) \| (yes|no) \| (.+) \|$/gm)];
    const told = Object.fromEntries(
      rows.map(([, code, http, close, retry]) => [
        code,
        { http: Number(http), close: close === '' ? null : Number(close), retry: retry === 'yes' },
      ]),
    );
    expect(told).toEqual(errorTable);
  });

  it('names the limits that the code has', () => {
    const rows = [...section('8. Limits').matchAll(/^\| `(\w+)` \| (\d+) \|$/gm)];
    const flat = Object.fromEntries(Object.entries(limits).filter(([, value]) => typeof value === 'number'));
    expect(Object.fromEntries(rows.map(([, name, value]) => [name, Number(value)]))).toEqual(flat);
  });

  it('names every path', () => {
    const told = section('2. HTTP');
    for (const path of Object.values(paths)) expect(told).toContain(path);
  });

  it('shows bytes of a text that decode to that text', () => {
    const lines = /```\n(00[\s\S]*?)```/.exec(section('7. Payloads'))?.[1] ?? '';
    const hex = lines
      .split('\n')
      .flatMap((line) => line.replace(/ {4,}\S.*$|"kind.*$|"text.*$/, '').match(/\b[0-9a-f]{2}\b/g) ?? []);
    const bytes = Uint8Array.from(hex.map((pair) => Number.parseInt(pair, 16)));
    expect(bytes[0]).toBe(0);
    expect(decodeContent(bytes.subarray(1))).toEqual({ kind: 'text', text: 'Hi' });
  });

  it('has a test vector of the chain that comes out as it says, by its own words and by the code', () => {
    const told = section('6. Order').split('### The chain')[1] ?? '';
    const [conversation = '', device = '', ...ids] = told.match(/[0-9a-f]{8}-[0-9a-f-]{27}/g) ?? [];
    const payload = Buffer.from('0082a46b696e64a474657874a474657874a24869', 'hex');
    const bytesOf = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex');
    const place = (seq: number) => Buffer.from([0, 0, 0, 0, 0, 0, 0, seq]);
    const asTold = [sha256('parley chain 1', bytesOf(conversation))];
    const byCode = [sha256(chainStart(conversationIdSchema.parse(conversation)))];
    for (const [index, id] of ids.entries()) {
      const parts = [asTold[index] ?? '', place(index + 1), bytesOf(device), bytesOf(id), sha256(payload)];
      asTold.push(sha256('parley chain 1', ...parts));
      const message = { device: deviceIdSchema.parse(device), id: messageIdSchema.parse(id) };
      const link = chainLink(byCode[index] ?? payload, { ...message, seq: index + 1, payloadHash: sha256(payload) });
      byCode.push(sha256(link));
    }
    const rows = [...told.matchAll(/^\| link \d \| `([0-9a-f]+)` \|$/gm)].map(([, hex]) => hex);
    expect(rows).toHaveLength(3);
    expect(asTold.map((link) => link.toString('hex'))).toEqual(rows);
    expect(byCode).toEqual(asTold);
  });

  it('names the kinds of content and the shared values that the code has', () => {
    const told = section('7. Payloads');
    const between = (from: string, to: string) => told.split(from)[1]?.split(to)[0] ?? '';
    const kinds = firstColumn(between('Content is a map', '### Changes')).filter((name) => name !== 'kind');
    expect(kinds).toEqual(contentSchema.options.map(({ shape }) => shape.kind.value));
    const values = between('### What an account', '### Signals').matchAll(/^\| `([\w-]+)(?::\w+)?` \| `/gm);
    const names = [...values].map(([, name]) => name).filter((name) => name !== 'name');
    expect(names).toEqual(Object.keys(accountValueSchemas));
  });

  it('has a test vector of the chunk format that comes out as it says', () => {
    const told = section('10. Files');
    const key = Buffer.from(/```\n([0-9a-f]{64})\n```/.exec(told)?.[1] ?? '', 'hex');
    const file = Uint8Array.from({ length: chunkFormat.plainBytes + 3 }, (_, index) => index % 251);
    const sealed = sealAsTold(file, key);
    const hashes = sealed.map((each) => sha256(each));
    const rows = [...told.matchAll(/^\| ([\w -]+) \| `([0-9a-f]+)` \|$/gm)].map(([, name, hex]) => [name, hex]);
    expect(Object.fromEntries(rows)).toEqual({
      'SHA-256 of sealed chunk 0': hashes[0]?.toString('hex'),
      'sealed chunk 1': sealed[1]?.toString('hex'),
      'blob id': sha256('parley-blob-1', ...hashes).toString('hex'),
    });
  });

  it('tells every frame between peers with exactly its fields', () => {
    const rows = [...section('11. Between peers').matchAll(/^\| `([\w-]+)` \| (`.+?) \|/gm)];
    const told = rows.map(([, type, cells = '']) => [type, cells.match(/\w+/g)]);
    const known = peerHeadSchema.options.map(({ shape }) => [
      shape.type.value,
      Object.keys(shape).filter((name) => name !== 'type'),
    ]);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(known));
  });
});
