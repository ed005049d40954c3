/** The stand-in's files: bytes of a pattern, of which as many are here as the test says. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Handlers } from '../../../bridge/contract.ts';
import type { GuestContract } from '../../../bridge/host-contract.ts';
import { mediaAddress } from '../../../bridge/media-address.ts';
import type { MediaRef } from '../../../bridge/media-views.ts';
import { ParleyError } from '../../../protocol/index.ts';

export interface StandInFile {
  readonly ref: MediaRef;
  readonly name: string;
  readonly bytes: number;
  readonly inlineType: string | null;
  readonly dangerous?: boolean;
  /** The content in place of the pattern. */
  readonly base64?: string;
  /** How many bytes from the start are here; more come with `stand-in.arrive`. All when left out. */
  readonly arrived?: number;
}

interface Kept extends StandInFile {
  readonly content: Uint8Array;
  savedAs: string | null;
}

const kind = 'file';

export function createMediaStandIn() {
  const files = new Map<string, Kept>();
  const arrived = new Map<string, number>();
  const reads: { address: string; from: number }[] = [];
  const granted: string[] = [];
  const exported: string[] = [];
  const begun: unknown[] = [];
  const waiting = new Set<() => void>();

  function find(ref: MediaRef): Kept {
    const file = files.get(mediaAddress(ref));
    if (!file) throw new ParleyError('not_found', { message: 'There is no such file.' });
    return file;
  }

  async function arrival(ref: MediaRef, end: number): Promise<void> {
    while ((arrived.get(mediaAddress(ref)) ?? 0) < end) await new Promise<void>((resolve) => waiting.add(resolve));
  }

  const handlers: Handlers<GuestContract> = {
    'engine.close': () => {},
    'engine.wake': () => {},
    'files.grant': ({ paths }) => {
      granted.push(...paths);
      return paths.map((path) => ({ grant: `grant-${granted.length}`, name: basename(path), bytes: 1 }));
    },
    'media.describe': (ref) => {
      const { name, bytes, inlineType, dangerous = false, savedAs } = find(ref);
      return { name, kind, bytes, dangerous, inlineType, held: true, savedAs };
    },
    'media.read': async ({ from, length, ...ref }) => {
      const { content } = find(ref);
      reads.push({ address: mediaAddress(ref), from });
      await arrival(ref, from + length);
      return content.slice(from, from + length);
    },
    'media.export': async ({ path, remember, ...ref }) => {
      const file = find(ref);
      await writeFile(path, file.content);
      exported.push(path);
      if (remember) file.savedAs = path;
    },
    'data.title': () => 'Parley anna 2026-11-23',
    'data.export': (input) => void begun.push(input),
    'data.import': (input) => void begun.push(input),
    'data.backup': (input) => void begun.push(input),
    'data.restore': (input) => void begun.push(input),
  };

  const acts: Record<string, (input: never) => unknown> = {
    'stand-in.put': (file: StandInFile) => {
      const key = mediaAddress(file.ref);
      const content = file.base64 === undefined ? patternBytes(file.bytes) : Buffer.from(file.base64, 'base64');
      files.set(key, { ...file, content, savedAs: null });
      arrived.set(key, file.arrived ?? file.bytes);
      return createHash('sha256').update(content).digest('hex');
    },
    'stand-in.arrive': ({ ref, bytes }: { ref: MediaRef; bytes: number }) => {
      arrived.set(mediaAddress(ref), bytes);
      for (const look of [...waiting]) look();
      waiting.clear();
    },
    'stand-in.reads': ({ address }: { address: string }) =>
      reads.filter((read) => read.address === address).map(({ from }) => from),
    'stand-in.granted': () => granted,
    'stand-in.exported': () => exported,
    'stand-in.begun': () => begun,
  };

  return { handlers, acts };
}

/** Different in every chunk, so that bytes of the wrong place are seen. */
export function patternBytes(count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; at++) bytes[at] = (at * 31 + (at >>> 8) * 7 + (at >>> 16)) & 255;
  return bytes;
}
