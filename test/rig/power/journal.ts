/** Replays a recorder's journal: what of each file was on disk for good, and what was written after its last sync. */
import type { Random } from '../random.ts';

const ops = { write: 1, truncate: 2, sync: 3, rename: 4, unlink: 5 } as const;
const headerBytes = 24;

type Change =
  | { readonly kind: 'write'; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly length: number };

interface RecordedFile {
  content: Buffer;
  unsynced: Change[];
}

export class RecordedFiles {
  readonly #files = new Map<string, RecordedFile>();
  readonly #base: (path: string) => Buffer;

  /** @param base what a file held when recording began; empty for one that was not there. */
  constructor(base: (path: string) => Buffer) {
    this.#base = base;
  }

  /** A record that the end of the process cut off is left out: its write was not synced. */
  replay(journal: Buffer): void {
    for (let at = 0; at + headerBytes <= journal.length;) {
      const op = journal.readUInt32LE(at);
      const pathLength = journal.readUInt32LE(at + 4);
      const offset = Number(journal.readBigUInt64LE(at + 8));
      const length = Number(journal.readBigUInt64LE(at + 16));
      const dataAt = at + headerBytes + pathLength;
      at = dataAt + length;
      if (at > journal.length) return;
      const path = journal.toString('utf8', dataAt - pathLength, dataAt);
      this.#take(op, path, offset, journal.subarray(dataAt, at));
    }
  }

  /**
   * Lets each unsynced change happen or not, as chance has it: disks keep none of them, the first few, or any.
   * @returns how many did not happen.
   */
  cut(random: Random): number {
    const share = random.pick([0, 0, 0.5, 0.9]);
    let dropped = 0;
    for (const file of this.#files.values()) {
      const kept = file.unsynced.filter(() => random.chance(share));
      dropped += file.unsynced.length - kept.length;
      file.unsynced = [];
      for (const change of kept) apply(file, change);
    }
    return dropped;
  }

  contents(): Iterable<[string, Buffer]> {
    return [...this.#files].map(([path, { content }]) => [path, content]);
  }

  #take(op: number, path: string, offset: number, data: Buffer): void {
    const file = this.#fileAt(path);
    if (op === ops.write) file.unsynced.push({ kind: 'write', offset, data });
    if (op === ops.truncate) file.unsynced.push({ kind: 'truncate', length: offset });
    if (op === ops.sync) for (const change of file.unsynced.splice(0)) apply(file, change);
    if (op === ops.unlink) this.#files.delete(path);
    if (op === ops.rename) {
      this.#files.delete(path);
      this.#files.set(data.toString('utf8'), file);
    }
  }

  #fileAt(path: string): RecordedFile {
    const file = this.#files.get(path) ?? { content: this.#base(path), unsynced: [] };
    this.#files.set(path, file);
    return file;
  }
}

function apply(file: RecordedFile, change: Change): void {
  const { content } = file;
  if (change.kind === 'truncate') {
    file.content = resize(content, change.length);
    return;
  }
  const end = change.offset + change.data.length;
  if (end > content.length) file.content = resize(content, end);
  change.data.copy(file.content, change.offset);
}

function resize(content: Buffer, length: number): Buffer {
  if (length <= content.length) return content.subarray(0, length);
  const larger = Buffer.alloc(length);
  content.copy(larger);
  return larger;
}
