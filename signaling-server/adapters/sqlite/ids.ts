/** Turns canonical UUIDs into the 16 bytes that the database keeps, and back. */

/** Where the two digits of each byte stand in the canonical text. */
const digitAt = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34] as const;
const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** @param id a canonical lower-case UUID, as the wire's schemas make sure. */
export function idToBytes(id: string): Buffer {
  const bytes = Buffer.allocUnsafe(16);
  for (let index = 0; index < 16; index++) {
    const at = digitAt[index] ?? 0;
    bytes[index] = (digit(id.charCodeAt(at)) << 4) | digit(id.charCodeAt(at + 1));
  }
  return bytes;
}

/** '0' to '9' are codes 48 to 57, 'a' to 'f' are 97 to 102. */
function digit(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}

export function idFromBytes<T extends string>(bytes: Uint8Array): T {
  const hex = (index: number): string => hexOfByte[bytes[index] ?? 0] ?? '';
  return (hex(0) +
    hex(1) +
    hex(2) +
    hex(3) +
    '-' +
    hex(4) +
    hex(5) +
    '-' +
    hex(6) +
    hex(7) +
    '-' +
    hex(8) +
    hex(9) +
    '-' +
    hex(10) +
    hex(11) +
    hex(12) +
    hex(13) +
    hex(14) +
    hex(15)) as T;
}
