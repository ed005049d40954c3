/** The codec: what one side encodes the other decodes, and nothing else gets through. */
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import {
  clientFrameSchema,
  createId,
  decodeClientFrames,
  decodeRelayFrames,
  encodeClientFrame,
  encodeOne,
  encodeRelayFrame,
  joinFrames,
  ParleyError,
  type ClientFrame,
  type ConversationId,
  type DeviceId,
  type MessageId,
  type RelayFrame,
  type UserId,
} from '../../../protocol/index.ts';

const conversation = createId<ConversationId>();
const bytes = fc.uint8Array({ minLength: 1, maxLength: 600 });
const seq = fc.nat({ max: Number.MAX_SAFE_INTEGER });

const clientFrames: fc.Arbitrary<ClientFrame> = fc.oneof(
  fc.record({
    type: fc.constant('send' as const),
    conversation: fc.constant(conversation),
    id: fc.uuid({ version: 7 }).map((id) => id as MessageId),
    epoch: seq,
    payload: bytes,
  }),
  fc.record({
    type: fc.constant('cursor' as const),
    conversation: fc.constant(conversation),
    delivered: seq,
    read: seq,
  }),
  fc.record({
    type: fc.constant('watch' as const),
    users: fc.array(
      fc.uuid({ version: 7 }).map((id) => id as UserId),
      { maxLength: 20 },
    ),
  }),
  fc.constant({ type: 'ping' as const }),
);

function deliverFrame(payload: Uint8Array): RelayFrame {
  const message = {
    seq: 1,
    id: createId<MessageId>(),
    user: createId<UserId>(),
    device: createId<DeviceId>(),
    kind: 'content',
    time: 1_790_000_000_000,
    payload,
  };
  return { type: 'deliver', conversation, messages: [message] };
}

function codeOf(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return error instanceof ParleyError ? error.code : String(error);
  }
}

describe('the codec', () => {
  it('decodes every joined run of device frames to the same frames', () => {
    fc.assert(
      fc.property(fc.array(clientFrames, { minLength: 1, maxLength: 8 }), (frames) => {
        const decoded = decodeClientFrames(joinFrames(frames.map(encodeClientFrame)));
        expect(normalised(decoded)).toEqual(normalised(frames));
      }),
    );
  });

  it('keeps payload bytes exactly', () => {
    fc.assert(
      fc.property(bytes, (payload) => {
        const [frame] = decodeRelayFrames(encodeRelayFrame(deliverFrame(payload)));
        expect(frame?.type === 'deliver' && [...(frame.messages[0]?.payload ?? [])]).toEqual([...payload]);
      }),
    );
  });

  it('answers random bytes with bad_frame or with frames that the schema takes, and with nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (garbage) => {
        const code = codeOf(() => {
          for (const frame of decodeClientFrames(garbage)) clientFrameSchema.parse(frame);
        });
        expect([null, 'bad_frame']).toContain(code);
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses every well-formed MessagePack value that is not a frame', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(codeOf(() => decodeClientFrames(encodeOne(value)))).toBe('bad_frame');
      }),
    );
  });

  it('refuses deeply nested and absurdly long values without running out of anything', () => {
    expect(codeOf(() => decodeClientFrames(new Uint8Array(200_000).fill(0x91)))).toBe('bad_frame');
    expect(codeOf(() => decodeClientFrames(Uint8Array.from([0xdd, 0xff, 0xff, 0xff, 0xff])))).toBe('bad_frame');
    expect(codeOf(() => decodeClientFrames(Uint8Array.from([0xc6, 0xff, 0xff, 0xff, 0xff, 1])))).toBe('bad_frame');
    expect(codeOf(() => decodeClientFrames(new Uint8Array()))).toBe('bad_frame');
  });

  it('does not let a frame change the prototype of anything', () => {
    const packr = new Packr({ useRecords: false });
    const evil = packr.pack(
      new Map<string, unknown>([
        ['type', 'ping'],
        ['__proto__', { polluted: true }],
      ]),
    );
    decodeClientFrames(evil);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('takes out relay frames of unknown types and refuses known ones that are malformed', () => {
    const unknown = encodeOne({ type: 'from-the-future', anything: 1 });
    expect(decodeRelayFrames(joinFrames([unknown, encodeRelayFrame({ type: 'pong' })]))).toEqual([{ type: 'pong' }]);
    expect(codeOf(() => decodeRelayFrames(encodeOne({ type: 'unreachable' })))).toBe('bad_frame');
  });

  it('refuses an empty payload and shares, which version 1 does not take', () => {
    const send = { type: 'send', conversation, id: createId<MessageId>(), epoch: 0, payload: Uint8Array.of(1) };
    expect(codeOf(() => decodeClientFrames(encodeOne(send)))).toBeNull();
    expect(codeOf(() => decodeClientFrames(encodeOne({ ...send, payload: new Uint8Array() })))).toBe('bad_frame');
    expect(codeOf(() => decodeClientFrames(encodeOne({ ...send, shares: [{}] })))).toBe('bad_frame');
  });
});

/** Byte arrays come back as Node buffers: compare them as plain numbers. */
function normalised(frames: readonly ClientFrame[]): unknown {
  return frames.map((frame) => (frame.type === 'send' ? { ...frame, payload: [...frame.payload] } : frame));
}
