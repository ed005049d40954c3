/** Frames that a device may say, with right forms and values that are right or nearly so. */
import {
  createId,
  type ClientFrame,
  type ConversationId,
  type DeviceId,
  type MessageId,
  type UserId,
} from '../../protocol/index.ts';
import type { Random } from '../rig/random.ts';
import { randomBytes } from './mutate.ts';

export interface Known {
  /** Conversations of the device, and some that are not. */
  readonly conversations: readonly ConversationId[];
  readonly users: readonly UserId[];
  readonly devices: readonly DeviceId[];
}

const types = { send: 4, cursor: 3, fetch: 3, signal: 2, watch: 2, attest: 2, chain: 2, sync: 1, ping: 1 };

/** Ids that were used before are used again, as retries do. */
const oldIds: MessageId[] = [];
const keptIds = 200;

export function makeClientFrame(random: Random, known: Known): ClientFrame {
  const conversation = random.chance(0.9) ? random.pick(known.conversations) : createId<ConversationId>();
  const seq = random.pick([0, 1, 2, 3, 10, 1_000, 2 ** 31, Number.MAX_SAFE_INTEGER]);
  const ref = random.between(0, 1_000);
  switch (random.weighted(types)) {
    case 'send':
      return {
        type: 'send',
        conversation,
        id: messageId(random),
        epoch: random.pick([0, 0, 0, seq]),
        payload: payload(random),
      };
    case 'cursor':
      return { type: 'cursor', conversation, delivered: seq, ...(random.chance(0.5) && { read: seq }) };
    case 'fetch':
      return {
        type: 'fetch',
        ref,
        conversation,
        from: Math.max(1, seq),
        to: Math.max(1, random.pick([seq, seq + 10, 1])),
      };
    case 'signal':
      return {
        type: 'signal',
        ref,
        conversation,
        payload: payload(random),
        ...(random.chance(0.5) && { device: random.pick(known.devices) }),
      };
    case 'watch':
      return { type: 'watch', users: Array.from({ length: random.between(0, 5) }, () => random.pick(known.users)) };
    case 'attest':
      return { type: 'attest', heads: [{ conversation, seq, link: Uint8Array.from(randomBytes(random, 32)) }] };
    case 'chain':
      return { type: 'chain', ref, conversation, seqs: Array.from({ length: random.between(0, 256) }, () => seq) };
    case 'sync':
      return { type: 'sync', have: [{ conversation, seq }], last: random.chance(0.5) };
    case 'ping':
      return { type: 'ping' };
  }
}

function messageId(random: Random): MessageId {
  if (oldIds.length > 0 && random.chance(0.3)) return random.pick(oldIds);
  const id = createId<MessageId>();
  if (oldIds.push(id) > keptIds) oldIds.shift();
  return id;
}

function payload(random: Random): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(randomBytes(random, random.between(1, random.chance(0.02) ? 5_000 : 60)));
}
