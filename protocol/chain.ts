/**
 * The chain that proves two logs to be the same (P6). Each message of a conversation has one link:
 *
 *   link 0 = SHA-256(prefix, conversation)
 *   link n = SHA-256(prefix, link n-1, seq as 8 bytes big-endian, device, message id, SHA-256(payload))
 *
 * Ids are their 16 bytes, the prefix is ASCII. Who holds the same link at a seq holds the same messages up to it, in the
 * same order. Relay and devices compute it by themselves from what they stored, and remember it every `checkpointEvery`
 * messages, so that two logs that differ find the first difference by halving.
 */
import type { ConversationId, DeviceId, MessageId } from './ids.ts';

export const chainFormat = {
  prefix: 'parley chain 1',
  linkBytes: 32,
  /** Seqs that are multiples of this are checkpoints. */
  checkpointEvery: 256,
} as const;

/** What of a message goes into its link. */
export interface ChainedMessage {
  readonly seq: number;
  readonly device: DeviceId;
  readonly id: MessageId;
  /** SHA-256 of the payload as the relay stored it. */
  readonly payloadHash: Uint8Array;
}

const prefix = Uint8Array.from(chainFormat.prefix, (letter) => letter.charCodeAt(0));
const idBytes = 16;

/** @returns the bytes whose SHA-256 is the link before the first message. */
export function chainStart(conversation: ConversationId): Uint8Array {
  const bytes = new Uint8Array(prefix.byteLength + idBytes);
  bytes.set(prefix);
  writeId(bytes, prefix.byteLength, conversation);
  return bytes;
}

/** @param previous the link of the message before, 32 bytes. @returns the bytes whose SHA-256 is this message's link. */
export function chainLink(previous: Uint8Array, { seq, device, id, payloadHash }: ChainedMessage): Uint8Array {
  const bytes = new Uint8Array(prefix.byteLength + chainFormat.linkBytes + 8 + 2 * idBytes + chainFormat.linkBytes);
  let at = prefix.byteLength;
  bytes.set(prefix);
  bytes.set(previous, at);
  at += chainFormat.linkBytes;
  const view = new DataView(bytes.buffer);
  view.setUint32(at, Math.floor(seq / 2 ** 32));
  view.setUint32(at + 4, seq % 2 ** 32);
  at += 8;
  writeId(bytes, at, device);
  writeId(bytes, at + idBytes, id);
  bytes.set(payloadHash, at + 2 * idBytes);
  return bytes;
}

/** @param id a canonical lower-case UUID: two hex digits a byte, and hyphens between some. */
function writeId(bytes: Uint8Array, at: number, id: string): void {
  let place = 0;
  for (let index = 0; index < idBytes; index++) {
    if (id.charCodeAt(place) === hyphen) place++;
    bytes[at + index] = (digit(id.charCodeAt(place)) << 4) | digit(id.charCodeAt(place + 1));
    place += 2;
  }
}

const hyphen = 45;

/** '0' to '9' are codes 48 to 57, 'a' to 'f' are 97 to 102. */
function digit(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}
