/** The hash by which PostgreSQL, and Citus with it, spreads ids. */

const words = 4;
/** The golden ratio, the length in bytes and a constant of PostgreSQL's own. */
const seed = 0x9e3779b9 + words * 4 + 3_923_095;

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

/**
 * What `SELECT uuid_hash(id)` gives: Bob Jenkins' lookup3 over the id's sixteen bytes, as three words that are mixed and one
 * that is left for the end.
 * @returns 32 bits, signed.
 * @see hash_bytes in PostgreSQL's hashfn.c
 */
export function hashUuid(id: string): number {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
  const word = (index: number): number => bytes.readInt32LE(index * 4);
  const [a, b, c] = mix((seed + word(0)) | 0, (seed + word(1)) | 0, (seed + word(2)) | 0);
  return finish((a + word(3)) | 0, b, c);
}

function mix(a: number, b: number, c: number): [number, number, number] {
  const by = [4, 6, 8, 16, 19, 4];
  for (const each of by) {
    // Each step changes the first two and passes the three on in turn.
    const next = ((a - c) | 0) ^ rotate(c, each);
    [a, b, c] = [b, (c + b) | 0, next];
  }
  return [a, b, c];
}

function finish(a: number, b: number, c: number): number {
  const by = [14, 11, 25, 16, 4, 14, 24];
  for (const each of by) {
    const next = ((c ^ b) - rotate(b, each)) | 0;
    [a, b, c] = [b, next, a];
  }
  return b;
}
