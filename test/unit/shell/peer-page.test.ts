import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channelOf, createChannelRoom } from '../../../renderer/peer/channel-room.ts';
import { createFrameJoiner, cutFrame, messageBytes } from '../../../renderer/peer/frames.ts';
import { largestMessageOf } from '../../../renderer/peer/message-size.ts';
import { pathOf } from '../../../renderer/peer/path.ts';
import { decodeLineStep, decodeStep, toStep } from '../../../renderer/peer/steps.ts';

describe('frames on a data channel', () => {
  it('come out as they went in, whatever their sizes and those of the messages', () => {
    const frame = fc.uint8Array({ maxLength: 3_000, size: 'max' });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), fc.integer({ min: 2, max: 1_200 }), (frames, mostBytes) => {
        const join = createFrameJoiner(3_000);
        const joined: Uint8Array[] = [];
        for (const each of frames)
          for (const message of cutFrame(each.slice(), mostBytes)) {
            expect(message.byteLength).toBeGreaterThan(0);
            expect(message.byteLength).toBeLessThanOrEqual(mostBytes);
            // As the channel does, before the next one is cut.
            const whole = join(message.slice());
            if (whole) joined.push(whole);
          }
        expect(joined).toEqual(frames);
      }),
      { numRuns: 200 },
    );
  });

  it('are cut without copying more than the first message', () => {
    const frame = new Uint8Array(messageBytes + 200);
    const [first, second] = [...cutFrame(frame)];
    expect(first).toHaveLength(202);
    expect(second).toHaveLength(messageBytes);
    expect(second?.buffer).toBe(frame.buffer);
  });

  it('are cut as both sides agreed', () => {
    expect(largestMessageOf({ _pc: { sctp: { maxMessageSize: 1_000 } } })).toBe(1_000);
    expect(largestMessageOf({ _pc: { sctp: { maxMessageSize: Number.POSITIVE_INFINITY } } })).toBe(messageBytes);
    expect(largestMessageOf({ _pc: null })).toBe(65_536);
  });

  it('share no memory with the messages that they came in', () => {
    const message = new Uint8Array([1, 7]);
    const frame = createFrameJoiner(10)(message);
    message[1] = 8;
    expect(frame).toEqual(new Uint8Array([7]));
    expect(frame?.buffer.byteLength).toBe(1);
  });

  it('are refused above the bound, however small the messages', () => {
    const join = createFrameJoiner(10);
    for (let count = 0; count < 10; count++) expect(join(new Uint8Array([0, count]))).toBeNull();
    expect(() => join(new Uint8Array([0, 1]))).toThrow('too large');
    expect(createFrameJoiner(10)(new Uint8Array(11).fill(1))).toHaveLength(10);
    expect(() => createFrameJoiner(10)(new Uint8Array(12).fill(1))).toThrow('too large');
  });

  it.each([new Uint8Array(), new Uint8Array([2, 1]), new Uint8Array([255])])(
    'are refused in another form: %o',
    (message) => expect(() => createFrameJoiner(10)(message)).toThrow('unknown form'),
  );
});

/** A channel whose buffer the test fills and drains. */
function createChannel() {
  let listener = (): void => {};
  const channel = {
    bufferedAmount: 0,
    bufferedAmountLowThreshold: 0,
    addEventListener: (_type: 'bufferedamountlow', added: () => void) => (listener = added),
  };
  return { channel, drain: () => listener() };
}

describe('room on a data channel', () => {
  it('is there up to the high mark, and again once the buffer is low', async () => {
    const { channel, drain } = createChannel();
    const room = createChannelRoom();
    room.add(channel);
    channel.bufferedAmount = 1024 * 1024;
    await room.wait();
    channel.bufferedAmount++;
    let waited = false;
    const waiting = room.wait().then(() => (waited = true));
    await Promise.resolve();
    expect(waited).toBe(false);
    channel.bufferedAmount = channel.bufferedAmountLowThreshold;
    drain();
    await waiting;
    expect(channel.bufferedAmountLowThreshold).toBe(256 * 1024);
  });

  it('is refused to those who wait and those who come once it is closed', async () => {
    const { channel } = createChannel();
    const room = createChannelRoom();
    room.add(channel);
    channel.bufferedAmount = 2 ** 30;
    const waiting = room.wait();
    room.close(new Error('closed'));
    await expect(waiting).rejects.toThrow('closed');
    await expect(room.wait()).rejects.toThrow('closed');
  });

  it('is there while one of several channels has some, or comes', async () => {
    const [one, other] = [createChannel(), createChannel()];
    const room = createChannelRoom();
    room.add(one.channel);
    one.channel.bufferedAmount = 2 ** 30;
    const waiting = room.wait();
    room.add(other.channel);
    await waiting;
    await room.wait();
    other.channel.bufferedAmount = 2 ** 30;
    const again = room.wait();
    other.channel.bufferedAmount = 0;
    other.drain();
    await again;
  });

  it('is that of the peer’s own channel', () => {
    const { channel } = createChannel();
    expect(channelOf({ _channel: channel })).toBe(channel);
    expect(channelOf({ _channel: null })).toBeNull();
  });
});

describe('steps of a negotiation', () => {
  const sdp = 'v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n';
  const candidate = { candidate: 'candidate:1 1 udp 1 10.0.0.1 5 typ host', sdpMLineIndex: 0, sdpMid: '0' };

  it.each([
    { type: 'offer', sdp },
    { type: 'answer', sdp },
    { type: 'candidate', candidate },
  ])('cross as they are: %o', (step) => {
    expect(decodeStep(JSON.stringify(toStep(step)))).toEqual(step);
  });

  it.each([
    'no json',
    'null',
    '{}',
    JSON.stringify({ type: 'renegotiate', renegotiate: true }),
    JSON.stringify({ type: 'transceiverRequest', transceiverRequest: { kind: 'video' } }),
    JSON.stringify({ type: 'offer', sdp: `${sdp}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n` }),
    JSON.stringify({ type: 'answer', sdp: 'm=audio 9 UDP/TLS/RTP/SAVPF 96' }),
    JSON.stringify({ type: 'offer', sdp: sdp.padEnd(20_000) }),
    JSON.stringify({ type: 'candidate', candidate: { ...candidate, sdpMLineIndex: 'x' } }),
  ])('that no data connection needs do not: %s', (data) => {
    expect(decodeStep(data)).toBeNull();
  });

  it('carry nothing besides', () => {
    expect(toStep({ type: 'offer', sdp, more: 1 })).toEqual({ type: 'offer', sdp });
    expect(toStep({ type: 'renegotiate', renegotiate: true })).toBeNull();
  });

  it('of a further line name it, and no other', () => {
    const step = { type: 'candidate', candidate } as const;
    expect(decodeLineStep(JSON.stringify({ line: 7, step }))).toEqual({ line: 7, step });
    for (const line of [0, 64, -1, 1.5, '1', null]) expect(decodeLineStep(JSON.stringify({ line, step }))).toBeNull();
    expect(decodeLineStep(JSON.stringify({ line: 1, step: { type: 'offer', sdp: 'm=audio 9' } }))).toBeNull();
    expect(decodeLineStep('hello')).toBeNull();
  });
});

describe('the path of a connection', () => {
  const statistics = (local: string, remote: string) => [
    { id: 'T', type: 'transport', selectedCandidatePairId: 'P' },
    { id: 'P', type: 'candidate-pair', localCandidateId: 'L', remoteCandidateId: 'R' },
    { id: 'L', type: 'local-candidate', candidateType: local },
    { id: 'R', type: 'remote-candidate', candidateType: remote },
    { id: 'X', type: 'local-candidate', candidateType: 'relay' },
  ];

  it('goes over TURN when either end is relayed', () => {
    expect(pathOf(statistics('host', 'srflx'))).toBe('direct');
    expect(pathOf(statistics('relay', 'host'))).toBe('turn');
    expect(pathOf(statistics('prflx', 'relay'))).toBe('turn');
    expect(pathOf([])).toBe('direct');
  });
});
