/** What is in a segment: the messages in blocks, so that a few are read without the others, and what proves them. */
import { createHash, hash } from 'node:crypto';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { z } from 'zod';
import {
  conversationIdSchema,
  decodeOne,
  encodeOne,
  envelopeSchema,
  placeSchema,
  type ConversationId,
  type Envelope,
} from '../../../protocol/index.ts';
import { nextLink } from '../../relay/fold.ts';

export interface SegmentContent {
  readonly conversation: ConversationId;
  /** The chain's link before the first message. */
  readonly before: Uint8Array;
  /** The chain's link after the last message. */
  readonly link: Uint8Array;
  /** In seq order, without gaps; at least one. */
  readonly messages: readonly Envelope[];
}

/** Messages of one block; taking one apart takes a millisecond or two. */
const blockMessages = 64;
const lengthBytes = 4;
const hashBytes = 32;
const linkBytes = 32;

const bytes32 = z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.byteLength === 32, 'is no hash');
const headSchema = z.object({
  version: z.literal(1),
  conversation: conversationIdSchema,
  before: bytes32,
  firstSeq: placeSchema,
  messages: z.number().int().positive(),
  blockMessages: z.number().int().positive(),
  /** Bytes of each block. */
  blocks: z.array(z.number().int().positive()).min(1),
});
const blockSchema = z.array(envelopeSchema).min(1);

/**
 * Length of the head (4 bytes, big-endian); the head and then the blocks, each a MessagePack value; SHA-256 of all that; the
 * chain's link after the last message. Lets others have their turn in between.
 */
export async function packSegment({ conversation, before, link, messages }: SegmentContent): Promise<Buffer> {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < messages.length; at += blockMessages) {
    blocks.push(encodeOne(messages.slice(at, at + blockMessages)));
    await othersTurn();
  }
  const head = encodeOne({
    version: 1,
    conversation,
    before,
    firstSeq: messages[0]?.seq ?? 0,
    messages: messages.length,
    blockMessages,
    blocks: blocks.map(({ byteLength }) => byteLength),
  } satisfies z.infer<typeof headSchema>);
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(head.byteLength);
  const content = Buffer.concat([length, head, ...blocks]);
  return Buffer.concat([content, hash('sha256', content, 'buffer'), link]);
}

/** A segment whose blocks are taken apart when they are asked for. */
export class OpenSegment {
  readonly conversation: ConversationId;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly link: Uint8Array;
  readonly #bytes: Buffer;
  readonly #before: Uint8Array;
  readonly #blockMessages: number;
  /** Where each block begins, and where the last one ends. */
  readonly #places: readonly number[];

  /** @throws Error when the bytes are no segment. */
  constructor(bytes: Buffer) {
    const headEnd = lengthBytes + bytes.readUInt32BE(0);
    const head = headSchema.parse(decodeOne(bytes.subarray(lengthBytes, headEnd)));
    const places = head.blocks.reduce((ends, size) => [...ends, (ends.at(-1) ?? 0) + size], [headEnd]);
    if (places.at(-1) !== bytes.byteLength - hashBytes - linkBytes)
      throw new Error('it has another length than it says');
    this.conversation = head.conversation;
    this.firstSeq = head.firstSeq;
    this.lastSeq = head.firstSeq + head.messages - 1;
    this.link = bytes.subarray(-linkBytes);
    this.#bytes = bytes;
    this.#before = head.before;
    this.#blockMessages = head.blockMessages;
    this.#places = places;
  }

  /** Messages from a seq on that it has, at most so many and so many bytes of payload; the first one whatever its size. */
  read(from: number, limits: { readonly count: number; readonly bytes: number }): Envelope[] {
    const found: Envelope[] = [];
    let bytes = 0;
    for (let seq = from; seq <= this.lastSeq;) {
      const block = this.#block(Math.floor((seq - this.firstSeq) / this.#blockMessages));
      for (const message of block.filter((each) => each.seq >= from)) {
        bytes += message.payload.byteLength;
        if (found.length === limits.count || (bytes > limits.bytes && found.length > 0)) return found;
        found.push(message);
      }
      seq = (block.at(-1)?.seq ?? seq) + 1;
    }
    return found;
  }

  /** Every block in order; others have their turn in between. */
  async *blocks(): AsyncIterable<Envelope[]> {
    for (let index = 0; index < this.#places.length - 1; index += 1) {
      yield this.#block(index);
      await othersTurn();
    }
  }

  /** @throws Error unless all is what the segment's writer proved it to be. */
  async prove(): Promise<void> {
    const end = this.#bytes.byteLength - hashBytes - linkBytes;
    const digest = createHash('sha256').update(this.#bytes.subarray(0, end)).digest();
    if (!digest.equals(this.#bytes.subarray(end, end + hashBytes))) throw new Error('its hash is another');
    let [seq, link] = [this.firstSeq, this.#before];
    for await (const block of this.blocks()) {
      for (const message of block) {
        if (message.seq !== seq) throw new Error('its messages have a gap');
        link = nextLink(link, message);
        seq += 1;
      }
    }
    if (seq !== this.lastSeq + 1 || !Buffer.from(this.link).equals(link)) throw new Error('its chain leads elsewhere');
  }

  #block(index: number): Envelope[] {
    return blockSchema.parse(decodeOne(this.#bytes.subarray(this.#places[index], this.#places[index + 1])));
  }
}
