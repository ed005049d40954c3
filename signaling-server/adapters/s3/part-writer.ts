/** Cuts an upload's bytes into parts as they come, and notes the hash of each chunk; one part fills while another goes out. */
import { createHash, type Hash } from 'node:crypto';
import { chunkFormat, ParleyError } from '../../../protocol/index.ts';
import type { UploadKey } from '../../ports/blobs.ts';
import { blobKeys } from './blob-keys.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { S3Objects, StoredPart } from './s3-objects.ts';
import type { UploadState } from './upload-state.ts';

const { sealedBytes, hashBytes } = chunkFormat;

/** No store takes more parts, nor, but for the last one, smaller ones than 5 MiB. */
const mostParts = 10_000;
const leastPartBytes = 5 * 1024 * 1024;

/** Whole chunks; the same for all parts of a blob but the last. */
export function partBytesOf(blobBytes: number): number {
  const chunks = Math.ceil(blobBytes / sealedBytes);
  return sealedBytes * Math.max(Math.ceil(leastPartBytes / sealedBytes), Math.ceil(chunks / mostParts));
}

export interface PartWriterDeps {
  readonly upload: UploadKey;
  /** Where the upload stands. */
  readonly state: UploadState;
  readonly objects: S3Objects;
  readonly memory: MemoryBudget;
  /** Takes room in the store. @throws ParleyError `storage_full`. */
  readonly takeRoom: (bytes: number) => Promise<void>;
  readonly save: (state: UploadState) => Promise<void>;
  /** A name for bytes that nobody has used before. */
  readonly newName: () => string;
}

/** A part that fills. */
interface OpenPart {
  readonly bytes: Buffer;
  readonly hash: Hash;
  filled: number;
}

/**
 * The saved state is the truth: it counts only parts that the store has. Between saves a bounded amount can be lost,
 * which the sender sends again.
 */
export class PartWriter {
  readonly #deps: PartWriterDeps;
  readonly #partBytes: number;
  readonly #saveEvery: number;
  readonly #digests: Buffer[];
  readonly #parts: StoredPart[];
  #data: string;
  #assembly: string | null;
  #storedBytes: number;
  #savedBytes: number;
  /** End of what came. */
  #end: number;
  #part: OpenPart | null = null;
  #chunk: Hash = createHash('sha256');
  #storing: Promise<void> = Promise.resolve();
  #taken = 0;

  constructor(deps: PartWriterDeps) {
    const { state, upload } = deps;
    this.#deps = deps;
    this.#partBytes = partBytesOf(upload.bytes);
    // At most 64 saves an upload, since each writes all hashes so far.
    this.#saveEvery = Math.max(6 * this.#partBytes, upload.bytes / 64);
    this.#digests = split(state.hashes);
    this.#parts = [...state.parts];
    this.#data = state.data;
    this.#assembly = state.assembly;
    this.#storedBytes = this.#savedBytes = this.#end = state.storedBytes;
  }

  /** Bytes of room that were taken, whatever came of them. */
  get taken(): number {
    return this.#taken;
  }

  /** Puts back what the state keeps of a part that is not whole. To be called first. */
  async begin(): Promise<void> {
    const { tail } = this.#deps.state;
    if (tail.byteLength === 0) return;
    await this.#deps.memory.take(tail.byteLength);
    this.#fill(this.#openPart(), tail);
  }

  /** One call at a time. @throws ParleyError `bad_request` for bytes past the end, of which none is taken. */
  async write(buffers: readonly Uint8Array[]): Promise<void> {
    const size = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (this.#end + size > this.#deps.upload.bytes) {
      throw new ParleyError('bad_request', { message: 'These are more bytes than the upload was announced to have.' });
    }
    await this.#deps.takeRoom(size);
    this.#taken += size;
    for (const buffer of buffers) await this.#take(buffer);
  }

  /**
   * Makes safe what came; what is not a whole chunk is left out. @throws what storing it met; then what was stored before is
   * counted still. @returns the state.
   */
  async finish(): Promise<UploadState> {
    try {
      await this.#storing;
      if (this.#part !== null && this.#end === this.#deps.upload.bytes) await this.#storeLast(this.#part);
    } catch (error) {
      this.#drop();
      await this.#saveStored().catch(() => {});
      throw error;
    }
    return this.#saveAll();
  }

  async #take(buffer: Uint8Array): Promise<void> {
    for (let at = 0; at < buffer.byteLength;) {
      const part = this.#openPart();
      const piece = buffer.subarray(at, at + part.bytes.byteLength - part.filled);
      await this.#deps.memory.take(piece.byteLength);
      this.#fill(part, piece);
      this.#digest(piece);
      at += piece.byteLength;
      if (part.filled === this.#partBytes && this.#end < this.#deps.upload.bytes) await this.#sendOff(part);
    }
  }

  #openPart(): OpenPart {
    const left = this.#deps.upload.bytes - this.#end;
    return (this.#part ??= {
      bytes: Buffer.allocUnsafeSlow(Math.min(this.#partBytes, left)),
      hash: createHash('sha256'),
      filled: 0,
    });
  }

  #fill(part: OpenPart, piece: Uint8Array): void {
    part.bytes.set(piece, part.filled);
    part.hash.update(piece);
    part.filled += piece.byteLength;
    this.#end += piece.byteLength;
  }

  #digest(piece: Uint8Array): void {
    let from = this.#end - piece.byteLength;
    for (let at = 0; at < piece.byteLength;) {
      const chunkEnd = Math.min((Math.floor(from / sealedBytes) + 1) * sealedBytes, this.#deps.upload.bytes);
      const bit = piece.subarray(at, at + chunkEnd - from);
      this.#chunk.update(bit);
      at += bit.byteLength;
      from += bit.byteLength;
      if (from === chunkEnd) {
        this.#digests.push(this.#chunk.digest());
        this.#chunk = createHash('sha256');
      }
    }
  }

  /** Waits for the part before, so that a store that falls behind holds the sender back. */
  async #sendOff(part: OpenPart): Promise<void> {
    await this.#storing;
    this.#part = null;
    this.#storing = this.#store(part);
    // Whoever waits for it next hears of its failure.
    this.#storing.catch(() => {});
  }

  async #store(part: OpenPart): Promise<void> {
    const { objects, upload, memory } = this.#deps;
    const key = blobKeys.data(upload.blob, this.#data);
    try {
      this.#assembly ??= await objects.beginAssembly(key);
      const body = { bytes: part.bytes, hash: part.hash.digest('hex') };
      this.#parts.push(await objects.putPart(key, this.#assembly, this.#parts.length + 1, body));
      this.#storedBytes += part.filled;
    } finally {
      memory.give(part.filled);
    }
    if (this.#storedBytes - this.#savedBytes >= this.#saveEvery) await this.#saveStored();
  }

  /**
   * What fits into one part needs no assembly. It goes under a name of its own, so that nobody who sends the same upload to
   * another node can put other bytes where these hashes say what lies.
   */
  async #storeLast(part: OpenPart): Promise<void> {
    this.#part = null;
    if (this.#assembly !== null || this.#storedBytes > 0) return this.#store(part);
    const { objects, upload, memory, newName } = this.#deps;
    try {
      const body = { bytes: part.bytes, hash: part.hash.digest('hex') };
      this.#data = newName();
      await objects.put(blobKeys.data(upload.blob, this.#data), body);
      this.#storedBytes += part.filled;
    } finally {
      memory.give(part.filled);
    }
  }

  async #saveAll(): Promise<UploadState> {
    const { upload } = this.#deps;
    const isWhole = this.#storedBytes === upload.bytes;
    const chunks = isWhole ? this.#digests.length : Math.floor(this.#end / sealedBytes);
    const part = this.#part;
    const tail = part?.bytes.subarray(0, Math.max(0, chunks * sealedBytes - this.#storedBytes));
    const state = this.#stateOf(chunks, tail ?? Buffer.alloc(0));
    try {
      if (this.#changes(state)) await this.#deps.save(state);
    } finally {
      this.#drop();
    }
    return state;
  }

  async #saveStored(): Promise<void> {
    const stored = this.#storedBytes;
    if (stored === this.#savedBytes) return;
    const chunks = Math.ceil(stored / sealedBytes);
    await this.#deps.save(this.#stateOf(chunks, Buffer.alloc(0)));
    this.#savedBytes = stored;
  }

  #stateOf(chunks: number, tail: Buffer): UploadState {
    return {
      data: this.#data,
      assembly: this.#assembly,
      parts: [...this.#parts],
      storedBytes: this.#storedBytes,
      hashes: Buffer.concat(this.#digests.slice(0, chunks)),
      tail,
    };
  }

  #changes({ storedBytes, hashes }: UploadState): boolean {
    const { state } = this.#deps;
    return storedBytes !== state.storedBytes || hashes.byteLength !== state.hashes.byteLength;
  }

  #drop(): void {
    if (this.#part !== null) this.#deps.memory.give(this.#part.filled);
    this.#part = null;
  }
}

function split(hashes: Buffer): Buffer[] {
  return Array.from({ length: hashes.byteLength / hashBytes }, (_, at) =>
    hashes.subarray(at * hashBytes, (at + 1) * hashBytes),
  );
}
