/**
 * Writes rows in the binary form of PostgreSQL's COPY.
 * @see https://www.postgresql.org/docs/current/sql-copy.html ("Binary Format")
 */
import { idToBytes } from '../../adapters/sqlite/ids.ts';

/** What a column holds in PostgreSQL. */
export type ColumnType = 'uuid' | 'text' | 'int8' | 'bool' | 'bytea';
export type CopyValue = string | number | boolean | Uint8Array | null;

const signature = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
/** No flags, no header extension. */
const header = Buffer.concat([signature, Buffer.alloc(8)]);
const firstBytes = 1024 * 1024;

/** Grows as rows come; taken whole when they are all there. */
export class CopyRows {
  readonly #types: readonly ColumnType[];
  #buffer = Buffer.allocUnsafe(firstBytes);
  #at = header.copy(this.#buffer);

  constructor(types: readonly ColumnType[]) {
    this.#types = types;
  }

  /** One value a column, in their order. */
  add(values: readonly CopyValue[]): void {
    this.#room(2);
    this.#at = this.#buffer.writeInt16BE(this.#types.length, this.#at);
    for (const [index, type] of this.#types.entries()) this.#write(type, values[index] ?? null);
  }

  finish(): Buffer {
    this.#room(2);
    this.#at = this.#buffer.writeInt16BE(-1, this.#at);
    return this.#buffer.subarray(0, this.#at);
  }

  #write(type: ColumnType, value: CopyValue): void {
    if (value === null) return this.#length(-1, 0);
    if (type === 'uuid') return this.#bytes(idToBytes(String(value)));
    if (type === 'bytea') return this.#bytes(value as Uint8Array);
    if (type === 'text') return this.#text(String(value));
    if (type === 'bool') {
      this.#length(1, 1);
      this.#at = this.#buffer.writeUInt8(value === true ? 1 : 0, this.#at);
      return;
    }
    this.#length(8, 8);
    this.#buffer.writeInt32BE(Math.floor(Number(value) / 2 ** 32), this.#at);
    this.#at = this.#buffer.writeUInt32BE(Number(value) % 2 ** 32, this.#at + 4);
  }

  #bytes(bytes: Uint8Array): void {
    this.#length(bytes.byteLength, bytes.byteLength);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.byteLength;
  }

  #text(text: string): void {
    const bytes = Buffer.byteLength(text);
    this.#length(bytes, bytes);
    this.#at += this.#buffer.write(text, this.#at);
  }

  /** @param follows bytes that come after the length itself. */
  #length(bytes: number, follows: number): void {
    this.#room(4 + follows);
    this.#at = this.#buffer.writeInt32BE(bytes, this.#at);
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.byteLength) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.byteLength * 2, this.#at + bytes));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}
