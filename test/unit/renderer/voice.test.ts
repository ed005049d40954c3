/** Voice messages: takes become one recording with an index, holding is told from clicking, and nothing said is lost. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ParleyError } from '../../../bridge/text-rules.ts';
import { Composer } from '../../../renderer/app/composer/composer.svelte.ts';
import { isSwipe, releaseMeans } from '../../../renderer/app/voice/hold.ts';
import { joinTakes } from '../../../renderer/app/voice/join-takes.ts';
import { boxesIn, timesOf } from '../../../renderer/app/voice/mp4-boxes.ts';
import { loudness, type Take } from '../../../renderer/app/voice/recording.ts';
import { longestMs, VoiceNote } from '../../../renderer/app/voice/voice-note.svelte.ts';
import { voiceName } from '../../../renderer/app/voice/voice-words.ts';
import { HandEngine, message, room } from './made-up.ts';

const u32 = (...values: number[]): Buffer =>
  Buffer.concat(
    values.map((value) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value].map((b) => b & 255))),
  );

function box(type: string, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, 'latin1'), body]);
}

/** As MediaRecorder writes one: 48,000 units a second, packets of 60 ms, the last of a fragment told too short. */
function fragment(begins: number, packets: number, sound: string): Buffer {
  const rows = Array.from({ length: packets }, (_, at) => u32(at === packets - 1 ? 1_008 : 2_880, 100));
  const trun = box('trun', u32(0x301, packets, 0), ...rows);
  const tfdt = box('tfdt', u32(0x01000000, 0, begins));
  return Buffer.concat([
    box('moof', box('mfhd', u32(0, 1)), box('traf', box('tfhd', u32(0x020000, 1)), tfdt, trun)),
    box('mdat', Buffer.from(sound)),
  ]);
}

const head = Buffer.concat([
  box('ftyp', Buffer.from('isom')),
  box('moov', box('trak', box('mdia', box('mdhd', u32(0, 0, 0, 48_000, 0))))),
]);

function take(...fragments: [packets: number, sound: string][]): Buffer {
  let begins = 0;
  const parts = fragments.map(([packets, sound]) => {
    const made = fragment(begins, packets, sound);
    begins += packets * 2_880;
    return made;
  });
  return Buffer.concat([head, ...parts]);
}

/** Where its fragments begin, in units. */
function beginnings(bytes: Uint8Array): (number | undefined)[] {
  const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const moofs = boxesIn(file, 0, file.byteLength).filter(({ type }) => type === 'moof');
  return moofs.map((moof) => timesOf(file, moof)?.begins);
}

describe('joining takes', () => {
  it('puts fragments behind one head, their times one after another, and tells the length', () => {
    const joined = joinTakes([take([10, 'one'], [5, 'two']), take([20, 'three'])]);
    expect(joined?.durationMs).toBe(35 * 60);
    const bytes = joined?.bytes ?? new Uint8Array();
    expect(beginnings(bytes)).toEqual([0, 28_800, 43_200]);
    const file = new DataView(bytes.buffer);
    const types = boxesIn(file, 0, file.byteLength).map(({ type }) => type);
    expect(types).toEqual(['ftyp', 'moov', 'sidx', 'moof', 'mdat', 'moof', 'mdat', 'moof', 'mdat']);
    expect(Buffer.from(bytes).toString('latin1')).toMatch(/one.*two.*three/su);
  });

  it('writes an index whose rows are the sizes and times of the fragments', () => {
    const bytes = joinTakes([take([10, 'one'], [5, 'twotwo'])])?.bytes ?? new Uint8Array();
    const file = new DataView(bytes.buffer);
    const boxes = boxesIn(file, 0, file.byteLength);
    const index = boxes.find(({ type }) => type === 'sidx');
    const from = index?.start ?? 0;
    expect(file.getUint32(from + 16)).toBe(48_000);
    expect(file.getUint16(from + 30)).toBe(2);
    const rows = [0, 1].map((row) => [file.getUint32(from + 32 + row * 12), file.getUint32(from + 36 + row * 12)]);
    const sizes = boxes
      .filter(({ type }) => type === 'mdat')
      .map((mdat, at) => mdat.to - (boxes[3 + at * 2]?.start ?? 0));
    expect(rows).toEqual([
      [sizes[0], 28_800],
      [sizes[1], 14_400],
    ]);
    expect(index?.to).toBe(boxes[3]?.start);
    expect(sizes[0]).toBeGreaterThan(0);
  });

  it('leaves out a take that ended before it began', () => {
    expect(joinTakes([take([10, 'one']), head])?.durationMs).toBe(600);
    expect(joinTakes([head, take([10, 'one'])])?.durationMs).toBe(600);
  });

  it('leaves alone what is of another form or cut off', () => {
    const whole = take([10, 'one']);
    expect(joinTakes([Buffer.from('OggS and so on')])).toBeNull();
    expect(joinTakes([whole.subarray(0, whole.length - 2)])).toBeNull();
    expect(joinTakes([head])).toBeNull();
    expect(joinTakes([new Uint8Array()])).toBeNull();
    const indexed = joinTakes([whole])?.bytes ?? new Uint8Array();
    expect(joinTakes([indexed])).toBeNull();
  });
});

describe('the microphone button', () => {
  const here = { x: 500, y: 500 };

  it('sends when it is let go after holding, and goes on by itself after a click', () => {
    expect(releaseMeans(1_000, here, here, true)).toBe('send');
    expect(releaseMeans(120, here, here, true)).toBe('click');
    expect(releaseMeans(1_000, here, here, false)).toBe('click');
  });

  it('drops the recording when it is swiped away', () => {
    expect(releaseMeans(1_000, here, { x: 400, y: 500 }, true)).toBe('cancel');
    expect(isSwipe(here, { x: 470, y: 480 })).toBe(false);
    expect(isSwipe(here, { x: 500, y: 380 })).toBe(true);
  });
});

it('loudness goes from silence to speech as it is heard', () => {
  expect(loudness(0)).toBe(0);
  expect(loudness(0.001)).toBe(0);
  expect(loudness(0.03)).toBeGreaterThan(0.3);
  expect(loudness(0.9)).toBe(1);
});

it('recordings are named by the time, as every system allows', () => {
  expect(voiceName(new Date(2026, 0, 5, 9, 7, 3).getTime())).toBe('Voice message 2026-01-05 at 09.07.03.m4a');
});

interface Made {
  readonly note: VoiceNote;
  readonly engine: HandEngine;
  readonly composer: Composer;
  /** Every take that was begun: whether its microphone is still open, and how it goes away. */
  readonly takes: { open: boolean; end: () => void }[];
}

/** A microphone whose every take holds ten packets. */
function makeNote(open: () => Promise<void> = () => Promise.resolve()): Made {
  const engine = new HandEngine();
  const composer = new Composer(engine.client, room);
  const takes: Made['takes'] = [];
  const record = async (onEnd: () => void): Promise<Take> => {
    await open();
    const made = { open: true, end: onEnd };
    takes.push(made);
    return {
      level: () => 0.5,
      finish: () => {
        made.open = false;
        return Promise.resolve(take([10, `take ${takes.length}`]));
      },
    };
  };
  const note = new VoiceNote({ engine: engine.client, composer, record, now: () => Date.now() });
  return { note, engine, composer, takes };
}

/** Lets what was asked for begin, and time go by. */
async function after(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

describe('a voice message', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('goes out with its length and waveform, as an answer, and the microphone is let go', async () => {
    const { note, engine, composer, takes } = makeNote();
    composer.reply = message(3);
    await note.start();
    await after(2_000);
    expect(note.elapsedMs).toBe(2_000);
    expect(note.levels.at(-1)).toBe(0.5);
    const sending = note.send();
    await vi.waitFor(() => expect(engine.at(-1).name).toBe('media.stage'));
    expect(takes[0]?.open).toBe(false);
    await engine.at(-1).answer({ stage: 's1' });
    await vi.waitFor(() => expect(engine.at(-1).name).toBe('media.send'));
    expect(engine.at(-1).input).toMatchObject({
      conversation: room,
      text: '',
      replyTo: 'm3',
      items: [{ kind: 'voice', type: 'audio/mp4', durationMs: 600, source: { from: 'stage', stage: 's1' } }],
    });
    await engine.at(-1).answer(message(9));
    expect((await sending)?.id).toBe('m9');
    expect(note.state).toBe('idle');
    expect(note.elapsedMs).toBe(0);
    expect(composer.reply).toBeNull();
  });

  it('is heard in a pause, with the microphone closed, and goes on in another take', async () => {
    const { note, takes } = makeNote();
    await note.start();
    await after(500);
    await note.pause();
    expect(note.state).toBe('paused');
    expect(note.heard?.durationMs).toBe(600);
    expect(takes[0]?.open).toBe(false);
    await after(5_000);
    expect(note.elapsedMs).toBe(500);
    await note.start();
    expect(note.heard).toBeNull();
    await after(500);
    await note.pause();
    expect(takes).toHaveLength(2);
    expect(note.heard?.durationMs).toBe(1_200);
    expect(note.elapsedMs).toBe(1_000);
  });

  it('is kept with the fault when it could not be sent, and what was handed over is taken back', async () => {
    const { note, engine } = makeNote();
    await note.start();
    await after(500);
    const sending = note.send();
    await vi.waitFor(() => expect(engine.at(-1).name).toBe('media.stage'));
    await engine.at(-1).answer({ stage: 's1' });
    await vi.waitFor(() => expect(engine.at(-1).name).toBe('media.send'));
    await engine.at(-1).refuse(new ParleyError('storage_failed', { message: 'The disk is full.' }));
    expect(await sending).toBeNull();
    expect(note.state).toBe('paused');
    expect(note.fault).toBe('Not sent: The disk is full.');
    expect(note.heard).not.toBeNull();
    expect(engine.at(-1).name).toBe('media.unstage');
  });

  it('is kept in words when the microphone goes away, or after an hour', async () => {
    const gone = makeNote();
    await gone.note.start();
    await after(500);
    gone.takes[0]?.end();
    await after(0);
    expect(gone.note.state).toBe('paused');
    expect(gone.note.fault).toContain('The microphone went away');
    expect(gone.note.canResume).toBe(true);
    const long = makeNote();
    await long.note.start();
    vi.setSystemTime(Date.now() + longestMs);
    await after(50);
    expect(long.note.state).toBe('paused');
    expect(long.note.fault).toContain('an hour');
    expect(long.note.canResume).toBe(false);
    expect(long.takes[0]?.open).toBe(false);
  });

  it('says why there is none when the microphone is refused', async () => {
    const { note } = makeNote(() => Promise.reject(new ParleyError('forbidden', { message: 'Allow the microphone.' })));
    await note.start();
    expect(note.state).toBe('idle');
    expect(note.fault).toBe('Allow the microphone.');
  });

  it('that is dropped while the microphone still opens lets it go again', async () => {
    let open = (): void => undefined;
    const { note, takes } = makeNote(() => new Promise((resolve) => (open = resolve)));
    const starting = note.start();
    expect(note.state).toBe('asking');
    note.drop();
    open();
    await starting;
    expect(note.state).toBe('idle');
    expect(takes.map((one) => one.open)).toEqual([false]);
  });

  it('is asked about before it is dropped only when there is much of it', async () => {
    const { note, takes } = makeNote();
    await note.start();
    await after(9_000);
    expect(note.worthAsking).toBe(false);
    await after(2_000);
    expect(note.worthAsking).toBe(true);
    note.drop();
    expect(takes[0]?.open).toBe(false);
    expect(note.state).toBe('idle');
  });
});
