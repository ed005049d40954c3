/** Bytes of frames as they are encoded, and on the wire (`node bench/capacity/measure/frames.ts`). Exact, not timed. */
import {
  createId,
  encodeClientFrame,
  encodeRelayFrame,
  type ConversationId,
  type DeviceId,
  type MessageId,
  type UserId,
} from '../../../protocol/index.ts';
import { packSegment } from '../../../signaling-server/adapters/cold/segment-content.ts';

/** WebSocket header 4, TLS record 22, TCP with time stamps 32, IPv4 20, Ethernet 18 without preamble. */
const serverOverhead = 4 + 22 + 32 + 20 + 18;
/** Devices mask what they send. */
const clientOverhead = serverOverhead + 4;
/** The segment that only acknowledges. */
const acknowledgement = 32 + 20 + 18;

const payload = new Uint8Array(320);
const conversation = createId<ConversationId>();
const user = createId<UserId>();
const device = createId<DeviceId>();
const id = createId<MessageId>();
const time = Date.now();

const relayFrames = {
  deliver: encodeRelayFrame({
    type: 'deliver',
    conversation,
    messages: [{ seq: 123_456, id, user, device, kind: 'message', time, payload }],
  }),
  accepted: encodeRelayFrame({ type: 'accepted', conversation, id, seq: 123_456, time }),
  cursors: encodeRelayFrame({ type: 'cursors', conversation, cursors: [{ user, delivered: 123_456, read: 123_450 }] }),
  presence: encodeRelayFrame({ type: 'presence', users: [{ user, online: true, lastActiveAt: time }] }),
  pong: encodeRelayFrame({ type: 'pong' }),
};
const clientFrames = {
  send: encodeClientFrame({ type: 'send', conversation, id, epoch: 0, payload }),
  ping: encodeClientFrame({ type: 'ping' }),
};

function tell(name: string, frame: Uint8Array, overhead: number): void {
  console.log(
    `${name.padEnd(10)} ${String(frame.byteLength).padStart(4)} bytes, on the wire ${frame.byteLength + overhead}`,
  );
}

/** A segment of as many messages as most will have (adapters/cold/archiver.ts). */
async function tellSegment(messages: number): Promise<void> {
  const envelopes = Array.from({ length: messages }, (_, index) => {
    return { seq: 123_456 + index, id: createId<MessageId>(), user, device, kind: 'message', time, payload };
  });
  const link = new Uint8Array(32);
  const { byteLength } = await packSegment({ conversation, before: link, link, messages: envelopes });
  const each = byteLength / messages;
  console.log(
    `a segment of ${messages}: ${each.toFixed(1)} bytes a message, ${(each - payload.byteLength).toFixed(1)} beyond the payload`,
  );
}

console.log(`payload of ${payload.byteLength} bytes; acknowledgement alone ${acknowledgement} bytes`);
for (const [name, frame] of Object.entries(relayFrames)) tell(name, frame, serverOverhead);
for (const [name, frame] of Object.entries(clientFrames)) tell(name, frame, clientOverhead);
await tellSegment(256);
