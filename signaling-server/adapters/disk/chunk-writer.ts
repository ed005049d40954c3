/** Writes an upload's bytes as they come, and notes the hash of each chunk once the chunk is safe on disk. */
import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { chunkFormat, ParleyError } from '../../../protocol/index.ts';
import type { Room } from './room.ts';
import { writeAll } from './write-all.ts';

const { sealedBytes, hashBytes } = chunkFormat;

/** Bytes after which those before are made safe, beside the writing of those that follow. */
const checkpointBytes = 16 * 1024 * 1024;

export interface ChunkWriterDeps {
  readonly data: FileHandle;
  readonly hashes: FileHandle;
  readonly room: Room;
  /** Bytes on disk already, in whole chunks, with their hashes. */
  readonly offset: number;
  /** Of the whole blob. */
  readonly bytes: number;
  /** Frees what the bytes so far left in memory. */
  readonly collect: () => void;
}

/**
 * The list of hashes is the truth: a hash is written only after the chunk was flushed, so what the list counts is there
 * after a power cut too, and what lies in the file behind it is overwritten.
 */
export class ChunkWriter {
  readonly #deps: ChunkWriterDeps;
  #hash: Hash = createHash('sha256');
  /** End of what was written to the file. */
  #written: number;
  /** End of what was hashed: `#written`, and what is on its way. */
  #hashed: number;
  #digests: Buffer[] = [];
  /** Whole chunks that the list of hashes counts. */
  #safeChunks: number;
  #taken = 0;
  #checkpointAt: number;
  #checkpoint: Promise<void> = Promise.resolve();

  constructor(deps: ChunkWriterDeps) {
    this.#deps = deps;
    this.#written = this.#hashed = deps.offset;
    this.#safeChunks = Math.ceil(deps.offset / sealedBytes);
    this.#checkpointAt = deps.offset + checkpointBytes;
  }

  /** End of what is safe. */
  get offset(): number {
    return Math.min(this.#safeChunks * sealedBytes, this.#deps.bytes);
  }

  /** Bytes of room that were taken, whatever came of them. */
  get taken(): number {
    return this.#taken;
  }

  /** One call at a time. @throws ParleyError `bad_request` for bytes past the end, of which none is written. */
  async write(buffers: readonly Uint8Array[]): Promise<void> {
    const size = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (this.#written + size > this.#deps.bytes) {
      throw new ParleyError('bad_request', { message: 'These are more bytes than the upload was announced to have.' });
    }
    await this.#deps.room.take(size);
    this.#taken += size;
    for (const buffer of buffers) this.#digest(buffer);
    await writeAll(this.#deps.data, buffers, this.#written);
    this.#written += size;
    if (this.#written >= this.#checkpointAt) await this.#beginCheckpoint();
  }

  /** Makes safe what was written. What is not a whole chunk is cut off. @returns the new offset. */
  async finish(): Promise<number> {
    await this.#checkpoint;
    await this.#save(this.#takeDigests());
    if (this.#written > this.offset) await this.#deps.data.truncate(this.offset);
    return this.offset;
  }

  #digest(buffer: Uint8Array): void {
    for (let at = 0; at < buffer.byteLength;) {
      const chunkEnd = Math.min((Math.floor(this.#hashed / sealedBytes) + 1) * sealedBytes, this.#deps.bytes);
      const part = buffer.subarray(at, at + chunkEnd - this.#hashed);
      this.#hash.update(part);
      at += part.byteLength;
      this.#hashed += part.byteLength;
      if (this.#hashed === chunkEnd) {
        this.#digests.push(this.#hash.digest());
        this.#hash = createHash('sha256');
      }
    }
  }

  /** Waits for the checkpoint before, so that a disk that falls behind holds the sender back. */
  async #beginCheckpoint(): Promise<void> {
    await this.#checkpoint;
    this.#deps.collect();
    this.#checkpointAt = this.#written + checkpointBytes;
    this.#checkpoint = this.#save(this.#takeDigests());
    // Whoever waits for it next hears of its failure.
    this.#checkpoint.catch(() => {});
  }

  /** Hashes of chunks that are written whole. Those of a write that failed are left out. */
  #takeDigests(): Buffer[] {
    const whole =
      this.#written === this.#deps.bytes
        ? Math.ceil(this.#written / sealedBytes)
        : Math.floor(this.#written / sealedBytes);
    return this.#digests.splice(0, whole - this.#safeChunks);
  }

  async #save(digests: readonly Buffer[]): Promise<void> {
    if (digests.length === 0) return;
    const { data, hashes } = this.#deps;
    await data.datasync();
    await writeAll(hashes, digests, this.#safeChunks * hashBytes);
    await hashes.datasync();
    this.#safeChunks += digests.length;
  }
}
