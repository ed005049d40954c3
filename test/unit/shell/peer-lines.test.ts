/** A connection of several lines, with lines in the test's hands. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { WatchedChannel } from '../../../renderer/peer/channel-room.ts';
import { createConnection, mostLines, type Connection } from '../../../renderer/peer/connection.ts';
import { createGrowth } from '../../../renderer/peer/growth.ts';
import type { Line, LineEvents, LineSettings } from '../../../renderer/peer/line.ts';
import type { Step } from '../../../renderer/peer/steps.ts';

const sdp = 'v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n';
const megabyte = 1_000_000;

/** A line that does nothing by itself. */
class FakeLine implements Line {
  readonly sent: Uint8Array[] = [];
  readonly said: string[] = [];
  readonly steps: Step[] = [];
  readonly channel: WatchedChannel & { bufferedAmount: number } = {
    bufferedAmount: 0,
    bufferedAmountLowThreshold: 0,
    addEventListener() {},
  };
  readonly settings: LineSettings;
  readonly events: LineEvents;
  closed: string | null = null;

  constructor(settings: LineSettings, events: LineEvents) {
    this.settings = settings;
    this.events = events;
  }

  open(path: 'direct' | 'turn' = 'direct'): void {
    this.events.onOpened(path, this.channel);
  }

  step(step: Step): void {
    this.steps.push(step);
  }

  send(frame: Uint8Array): void {
    if (this.closed !== null) throw new Error('closed');
    this.sent.push(frame);
  }

  say(text: string): void {
    this.said.push(text);
  }

  close(reason: string): void {
    if (this.closed !== null) return;
    this.closed = reason;
    this.events.onClosed(reason);
  }
}

let lines: FakeLine[];
let time: number;
let onClosed: ReturnType<typeof vi.fn<(reason: string) => void>>;
let frames: number[];
let steps: string[];
beforeEach(() => {
  lines = [];
  time = 0;
  onClosed = vi.fn<(reason: string) => void>();
  frames = [];
  steps = [];
});

function connect(initiator: boolean): Connection {
  return createConnection(
    {
      initiator,
      servers: [],
      relayed: false,
      onStep: (data) => void steps.push(data),
      onOpened() {},
      onFrame: (frame) => void frames.push(frame[0] ?? 0),
      onClosed,
    },
    {
      openLine(settings, events) {
        const line = new FakeLine(settings, events);
        lines.push(line);
        return line;
      },
      now: () => time,
    },
  );
}

const frame = (name: number, bytes = 1) => new Uint8Array(bytes).fill(name, 0, 1);

/** Much comes on the first line for a while. */
function receiveMuch(): void {
  for (let count = 0; count < 10; count++) {
    time += 50;
    lines[0]?.events.onFrame(frame(0, megabyte / 2));
  }
}

/** A connection of the side that begins, to one that takes so many lines. */
function begun(most?: number, path: 'direct' | 'turn' = 'direct'): Connection {
  const connection = connect(true);
  connection.step(JSON.stringify({ type: 'answer', sdp, ...(most === undefined ? {} : { lines: most }) }));
  lines[0]?.open(path);
  return connection;
}

describe('a connection', () => {
  it('tells how many lines it takes when it describes itself, and not otherwise', () => {
    connect(true);
    const candidate = { candidate: 'candidate:1', sdpMLineIndex: 0, sdpMid: '0' };
    lines[0]?.events.onStep({ type: 'offer', sdp });
    lines[0]?.events.onStep({ type: 'candidate', candidate });
    expect(steps.map((data) => JSON.parse(data) as unknown)).toEqual([
      { type: 'offer', sdp, lines: mostLines },
      { type: 'candidate', candidate },
    ]);
  });

  it('gets more lines while much moves, one after another, up to what both take', () => {
    begun(3);
    receiveMuch();
    receiveMuch();
    expect(lines).toHaveLength(2);
    lines[1]?.open();
    receiveMuch();
    lines[2]?.open();
    receiveMuch();
    expect(lines).toHaveLength(3);
    expect(lines.map(({ settings }) => settings.initiator)).toEqual([true, true, true]);
  });

  it('gets no more than it would ever have itself', () => {
    begun(64);
    for (let count = 1; count < 2 * mostLines; count++) {
      receiveMuch();
      lines.at(-1)?.open();
    }
    expect(lines).toHaveLength(mostLines);
  });

  it.each([
    ['to a build that knows nothing of them', () => begun()],
    ['over a TURN server', () => begun(8, 'turn')],
    [
      'on the side that did not begin',
      () => {
        connect(false).step(JSON.stringify({ type: 'offer', sdp, lines: 8 }));
        lines[0]?.open();
      },
    ],
  ])('gets none %s', (_what, open) => {
    open();
    receiveMuch();
    expect(lines).toHaveLength(1);
  });

  it('gets none while little moves', () => {
    begun(8);
    for (let count = 0; count < 100; count++) {
      time += 50;
      lines[0]?.events.onFrame(frame(0, 100_000));
    }
    expect(lines).toHaveLength(1);
  });

  it('tries no further one after one that did not come about', () => {
    begun(8);
    receiveMuch();
    lines[1]?.close('did not open in time');
    receiveMuch();
    expect(lines).toHaveLength(2);
    expect(onClosed).not.toHaveBeenCalled();
  });
});

describe('a further line', () => {
  it('is negotiated over the first one', () => {
    begun(8);
    receiveMuch();
    lines[1]?.events.onStep({ type: 'offer', sdp });
    expect(lines[0]?.said).toEqual([JSON.stringify({ line: 1, step: { type: 'offer', sdp } })]);
    lines[0]?.events.onSaid(JSON.stringify({ line: 1, step: { type: 'answer', sdp } }));
    expect(lines[1]?.steps).toEqual([{ type: 'answer', sdp }]);
  });

  it('is opened for whoever began the connection, in turn, each once', () => {
    connect(false);
    lines[0]?.open();
    const offer = (line: number) => lines[0]?.events.onSaid(JSON.stringify({ line, step: { type: 'offer', sdp } }));
    offer(2);
    expect(lines).toHaveLength(1);
    offer(1);
    expect(lines[1]?.settings.initiator).toBe(false);
    expect(lines[1]?.steps).toHaveLength(1);
    lines[1]?.close('did not open in time');
    offer(1);
    expect(lines).toHaveLength(2);
    for (let line = 2; line < 64; line++) offer(line);
    expect(lines).toHaveLength(mostLines);
  });

  it('is not opened for the other side', () => {
    begun(8);
    lines[0]?.events.onSaid(JSON.stringify({ line: 1, step: { type: 'offer', sdp } }));
    expect(lines).toHaveLength(1);
  });

  it('ends the connection when it breaks', () => {
    begun(8);
    receiveMuch();
    lines[1]?.open();
    lines[1]?.close('fell silent');
    expect(lines[0]?.closed).toBe('fell silent');
    expect(onClosed).toHaveBeenCalledExactlyOnceWith('fell silent');
  });

  it('ends with the connection', () => {
    const connection = begun(8);
    receiveMuch();
    lines[1]?.open();
    connection.close('closed here');
    expect(lines.map(({ closed }) => closed)).toEqual(['closed here', 'closed here']);
  });

  it.each(['hello', '{}', '{"line":1}', JSON.stringify({ line: 1, step: { type: 'renegotiate' } })])(
    'is not spoken of like this: %s',
    (text) => {
      begun(8);
      expect(() => lines[0]?.events.onSaid(text)).toThrow('makes no sense');
    },
  );
});

describe('frames', () => {
  async function twoLines(): Promise<Connection> {
    const connection = begun(8);
    receiveMuch();
    lines[1]?.open();
    frames = [];
    await Promise.resolve();
    return connection;
  }

  it('whose order does not matter take the line with the least to send', async () => {
    const connection = await twoLines();
    const [first, second] = lines;
    if (!first || !second) return expect.unreachable();
    first.channel.bufferedAmount = 10;
    await connection.send(frame(1), true);
    second.channel.bufferedAmount = 20;
    await connection.send(frame(2), true);
    await connection.send(frame(3), false);
    expect([first.sent.map(([name]) => name), second.sent.map(([name]) => name)]).toEqual([[2, 3], [1]]);
  });

  it('come from all lines', async () => {
    await twoLines();
    lines[1]?.events.onFrame(frame(5));
    lines[0]?.events.onFrame(frame(6));
    expect(frames).toEqual([5, 6]);
  });

  it('are awaited while all lines are full, and fail once it is closed', async () => {
    const connection = await twoLines();
    for (const { channel } of lines) channel.bufferedAmount = 2 ** 30;
    const waiting = connection.send(frame(1), true);
    const next = connection.send(frame(2), false);
    connection.close('closed here');
    await expect(waiting).rejects.toMatchObject({ code: 'unreachable' });
    await expect(next).rejects.toMatchObject({ code: 'unreachable' });
    await expect(connection.send(new Uint8Array(600_000), true)).rejects.toMatchObject({ code: 'bad_request' });
  });
});

describe('growth', () => {
  it('is due at most once a while, and after one in which much moved', () => {
    let now = 0;
    const growth = createGrowth(() => now);
    expect(growth.moved(100 * megabyte)).toBe(false);
    now = 250;
    expect(growth.moved(1)).toBe(true);
    expect(growth.moved(100 * megabyte)).toBe(false);
    now = 100_000;
    expect(growth.moved(1)).toBe(false);
  });
});
