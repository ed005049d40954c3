/** Counts the bytes that blobs take, and says when there is no room for more. */
import { statfs } from 'node:fs/promises';
import { noRoom } from '../blob-errors.ts';

export interface RoomLimits {
  readonly folder: string;
  /** Bytes of all blobs and uploads; null: whatever the disk holds. */
  readonly capBytes: number | null;
  /** Bytes of the disk that blobs leave free, for the database. */
  readonly reserveBytes: number;
}

/** Bytes that may be taken between two looks at the disk. */
const lookEvery = 16 * 1024 * 1024;

export class Room {
  readonly #limits: RoomLimits;
  #used: number;
  /** How many bytes may still be taken before the disk is asked again. */
  #unasked = 0;

  constructor(limits: RoomLimits, used: number) {
    this.#limits = limits;
    this.#used = used;
  }

  get used(): number {
    return this.#used;
  }

  /** @throws ParleyError `storage_full` when so many more do not fit. */
  async assertFits(bytes: number): Promise<void> {
    const { folder, capBytes, reserveBytes } = this.#limits;
    if (capBytes !== null && this.#used + bytes > capBytes) throw noRoom();
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize - bytes < reserveBytes) throw noRoom();
  }

  /** Counts bytes that are about to be written. @throws ParleyError `storage_full`; then nothing was counted. */
  async take(bytes: number): Promise<void> {
    const { capBytes } = this.#limits;
    if (capBytes !== null && this.#used + bytes > capBytes) throw noRoom();
    if (this.#unasked < bytes) {
      await this.assertFits(bytes);
      this.#unasked = lookEvery;
    }
    this.#unasked -= bytes;
    this.#used += bytes;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}
