/** Makes wrong frames out of right ones: odd values in odd places, and bytes that were bent on their way. */
import { createId, encodeOne } from '../../protocol/index.ts';
import type { Random } from '../rig/random.ts';

type Plain = Record<string, unknown>;

/** Values that programs trip over. */
function oddValue(random: Random): unknown {
  return random.pick<() => unknown>([
    () => null,
    () => undefined,
    () => true,
    () => -1,
    () => 1.5,
    () => Number.NaN,
    () => Number.POSITIVE_INFINITY,
    () => 2 ** 53,
    () => 0xffff_ffff,
    () => 12345678901234567890n,
    () => '',
    () => 'x'.repeat(random.between(1, 70_000)),
    () => '\ud800\u0000\u202e',
    () => '__proto__',
    () => createId(),
    () => new Uint8Array(random.between(0, 200)),
    () => new Uint8Array(random.between(90_000, 120_000)),
    () => [],
    () => Array.from({ length: random.between(1, 3_000) }, () => null),
    () => ({}),
    () => JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as unknown,
    () => nested(random.between(2, 400)),
    () => new Date(random.between(0, 2 ** 31)),
  ])();
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** A frame with one to three of its fields, at any depth, taken away, made odd, or added. */
export function mutateFrame(random: Random, frame: Plain): unknown {
  const copy = structuredClone(frame);
  for (let count = random.between(1, 3); count > 0; count--) mutateOnce(random, copy);
  return copy;
}

function mutateOnce(random: Random, frame: Plain): void {
  const place = random.chance(0.6) ? frame : deeper(random, frame);
  const key =
    random.chance(0.1) && !Array.isArray(place)
      ? random.pick(['type', 'id', 'extra', '__proto__', 'length'])
      : keyOf(random, place);
  if (random.chance(0.2)) Reflect.deleteProperty(place, key);
  else
    Object.defineProperty(place, key, {
      value: oddValue(random),
      enumerable: true,
      configurable: true,
      writable: true,
    });
}

function keyOf(random: Random, place: Plain): string {
  const keys = Object.keys(place);
  return keys.length === 0 ? '0' : random.pick(keys);
}

/** A map or list inside the frame, if there is one. */
function deeper(random: Random, frame: Plain): Plain {
  const inner = Object.values(frame).filter(
    (value): value is Plain => typeof value === 'object' && value !== null && !(value instanceof Uint8Array),
  );
  if (inner.length === 0) return frame;
  const chosen = random.pick(inner);
  return random.chance(0.5) ? chosen : deeper(random, chosen);
}

/** Bytes that cannot be trusted: bent, cut, joined, made up, or with lengths that lie. */
export function mutateBytes(random: Random, bytes: Uint8Array): Uint8Array {
  return random.pick<() => Uint8Array>([
    () => flipped(random, bytes),
    () => bytes.subarray(0, random.between(0, bytes.length)),
    () => Buffer.concat([bytes, randomBytes(random, random.between(1, 30))]),
    () => Buffer.concat([bytes.subarray(random.between(0, bytes.length)), bytes]),
    () => randomBytes(random, random.between(0, 200)),
    () => lyingLength(random),
  ])();
}

function flipped(random: Random, bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let count = random.between(1, 8); count > 0 && copy.length > 0; count--)
    copy[random.between(0, copy.length - 1)] = random.between(0, 255);
  return copy;
}

export function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.between(0, 255));
}

/** MessagePack heads of strings, bytes, lists, maps and extensions that promise up to 4 GiB, and deep nests of lists. */
function lyingLength(random: Random): Uint8Array {
  const head = random.pick([0xc6, 0xc9, 0xdb, 0xdd, 0xdf, 0xc5, 0xda, 0xdc, 0xde]);
  if (random.chance(0.2)) return new Uint8Array(random.between(1_000, 60_000)).fill(random.pick([0x91, 0x81]));
  return Uint8Array.from([head, 0xff, 0xff, 0xff, random.between(0, 255), ...randomBytes(random, 20)]);
}

/** What cannot be encoded at all is left to other mutations. */
export function encodeOrNull(value: unknown): Uint8Array | null {
  try {
    return encodeOne(value);
  } catch {
    return null;
  }
}
