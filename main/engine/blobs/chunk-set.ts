/** Which chunks of a blob are here: a bitmap, lowest bit of the first byte first. */
import type { ChunkRun } from './blob-vault.ts';

const fullByte = 0xff;

export class ChunkSet {
  readonly size: number;
  #bits: Uint8Array<ArrayBuffer>;
  #count = 0;

  /** @param bits a bitmap from an earlier run; what it lacks is missing, what it has too much is left out. */
  constructor(size: number, bits: Uint8Array = new Uint8Array()) {
    this.size = size;
    this.#bits = new Uint8Array(Math.ceil(size / 8));
    this.#bits.set(bits.subarray(0, this.#bits.byteLength));
    const spare = this.#bits.byteLength * 8 - size;
    const last = this.#bits.byteLength - 1;
    this.#bits[last] = (this.#bits[last] ?? 0) & (fullByte >> spare);
    for (const byte of this.#bits) this.#count += onesIn(byte);
  }

  static full(size: number): ChunkSet {
    return new ChunkSet(size, new Uint8Array(Math.ceil(size / 8)).fill(fullByte));
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.size;
  }

  has(index: number): boolean {
    return ((this.#bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }

  add(index: number): void {
    if (index < 0 || index >= this.size || this.has(index)) return;
    this.#bits[index >> 3] = (this.#bits[index >> 3] ?? 0) | (1 << (index & 7));
    this.#count++;
  }

  delete(index: number): void {
    if (!this.has(index)) return;
    this.#bits[index >> 3] = (this.#bits[index >> 3] ?? 0) & ~(1 << (index & 7));
    this.#count--;
  }

  clear(): void {
    this.#bits.fill(0);
    this.#count = 0;
  }

  /** The first missing run at or after `from`, then from the start. */
  missing(from: number, limit: number): ChunkRun | null {
    if (this.isFull || limit < 1) return null;
    const start = from > 0 && from < this.size ? from : 0;
    const first = this.#next(start, false) ?? this.#next(0, false);
    if (first === null) return null;
    const end = this.#next(first, true) ?? this.size;
    return { from: first, to: Math.min(end, first + limit) };
  }

  runs(): ChunkRun[] {
    const runs: ChunkRun[] = [];
    for (let from = this.#next(0, true); from !== null;) {
      const to = this.#next(from, false) ?? this.size;
      runs.push({ from, to });
      from = this.#next(to, true);
    }
    return runs;
  }

  /** A copy of the bitmap. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#bits.slice();
  }

  /** The first chunk at or after `from` that is here, or that is not. Whole bytes of the other kind are skipped. */
  #next(from: number, here: boolean): number | null {
    const skipped = here ? 0 : fullByte;
    for (let index = from; index < this.size;) {
      if ((index & 7) === 0 && this.#bits[index >> 3] === skipped) index += 8;
      else if (this.has(index) === here) return index;
      else index++;
    }
    return null;
  }
}

function onesIn(byte: number): number {
  let ones = 0;
  for (let rest = byte; rest > 0; rest &= rest - 1) ones++;
  return ones;
}
