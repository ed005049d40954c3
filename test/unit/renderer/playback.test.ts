/** What is heard: one at a time, places kept, the next voice message plays on; and what came on screen is told once. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SeenMedia } from '../../../renderer/app/chat/seen-media.ts';
import { nextRecording } from '../../../renderer/app/media/next-recording.ts';
import { Playback, type Track } from '../../../renderer/app/media/playback.svelte.ts';
import { brand, HandEngine, message, room } from './made-up.ts';

/** The few things that are used of an <audio>; the test is its clock. */
class HandAudio extends EventTarget {
  src = '';
  currentTime = 0;
  duration = NaN;
  playbackRate = 1;
  paused = true;
  seeking = false;
  preload = '';
  play(): Promise<void> {
    this.paused = false;
    this.dispatchEvent(new Event('play'));
    return Promise.resolve();
  }
  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.dispatchEvent(new Event('pause'));
  }
  hasAttribute(): boolean {
    return this.src !== '';
  }
  removeAttribute(): void {
    this.src = '';
  }
  tell(event: 'ended' | 'error' | 'durationchange' | 'seeked'): void {
    if (event === 'ended') this.paused = true;
    this.dispatchEvent(new Event(event));
  }
}

function track(order: number, changes: Partial<Track> = {}): Track {
  const ref = { conversation: room, message: brand<never>(`m${order}`), item: 0 };
  return { ref, voice: true, title: 'Anna', durationMs: 10_000, held: true, ...changes };
}

function setUp(after: (ended: Track) => Track | null = () => null) {
  const audio = new HandAudio();
  const kept = new Map<string, string>();
  const fetched: string[] = [];
  const make = (): Playback =>
    new Playback({
      audio: audio as unknown as HTMLAudioElement,
      memory: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
      fetch: ({ message: id }) => fetched.push(id),
      after,
    });
  return { audio, playback: make(), again: make, fetched };
}

beforeEach(() => {
  vi.stubGlobal('requestAnimationFrame', () => 1);
  vi.stubGlobal('cancelAnimationFrame', () => undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('playing', () => {
  it('pauses what played when another begins, and goes on where it was left', () => {
    const { audio, playback } = setUp();
    playback.toggle(track(1));
    expect(audio.src).toBe('parley-media://file/room/m1/0');
    audio.currentTime = 4;
    audio.tell('seeked');
    playback.toggle(track(2));
    expect([playback.isOn(track(1).ref), playback.isOn(track(2).ref)]).toEqual([false, true]);
    expect(playback.positionOf(track(1))).toBe(4);
    playback.toggle(track(1));
    expect(audio.currentTime).toBe(4);
    playback.toggle(track(1));
    expect(playback.playing).toBe(false);
  });

  it('fetches what is not here, and says so when it could not be played', () => {
    const { audio, playback, fetched } = setUp();
    playback.toggle(track(1, { held: false }));
    expect(fetched).toEqual(['m1']);
    audio.tell('error');
    expect([playback.troubleOf(track(1)), playback.playing]).toEqual([true, false]);
    playback.toggle(track(1));
    expect(playback.troubleOf(track(1))).toBe(false);
  });

  it('plays on with the next voice message, and not after a piece of music', () => {
    const { audio, playback } = setUp((ended) => (ended.ref.message === 'm1' ? track(2) : null));
    playback.toggle(track(1));
    audio.tell('ended');
    expect([playback.isOn(track(2).ref), playback.playing]).toEqual([true, true]);
    expect(playback.positionOf(track(1))).toBe(0);
    audio.tell('ended');
    expect(playback.playing).toBe(false);
    playback.toggle(track(1, { voice: false }));
    audio.tell('ended');
    expect(playback.isOn(track(1).ref)).toBe(true);
  });

  it('remembers the speed', () => {
    const { audio, playback, again } = setUp();
    playback.toggle(track(1));
    playback.nextSpeed();
    expect([playback.speed, audio.playbackRate]).toEqual([1.5, 1.5]);
    expect(again().speed).toBe(1.5);
    playback.nextSpeed();
    playback.nextSpeed();
    expect(playback.speed).toBe(1);
  });

  it('takes the length from the message while the recording has none in it', () => {
    const { audio, playback } = setUp();
    playback.toggle(track(1));
    audio.duration = Infinity;
    audio.tell('durationchange');
    expect(playback.durationOf(track(1))).toBe(10);
    audio.duration = 9.5;
    audio.tell('durationchange');
    expect(playback.durationOf(track(1))).toBe(9.5);
  });

  it('can be sought before it is played, within its length', () => {
    const { audio, playback } = setUp();
    playback.seek(track(1), 6);
    expect([playback.positionOf(track(1)), playback.playing]).toEqual([6, false]);
    playback.toggle(track(1));
    expect(audio.currentTime).toBe(6);
    playback.seek(track(1), 99);
    expect(playback.positionOf(track(1))).toBe(10);
  });

  it('gives way to a film, and films give way to one another and to it', () => {
    const { playback } = setUp();
    const paused: string[] = [];
    playback.toggle(track(1));
    const release = playback.claim(() => paused.push('first'));
    expect(playback.playing).toBe(false);
    playback.claim(() => paused.push('second'));
    expect(paused).toEqual(['first']);
    release();
    playback.toggle(track(1));
    expect(paused).toEqual(['first', 'second']);
  });

  it('is silent and empty after it was stopped', () => {
    const { audio, playback } = setUp();
    playback.toggle(track(1));
    playback.stop();
    audio.tell('error');
    expect([playback.track, playback.playing, playback.troubleOf(track(1))]).toEqual([null, false, false]);
  });
});

describe('the next voice message', () => {
  const voice = (order: number, kinds: readonly ('voice' | 'audio' | 'picture')[]) =>
    message(order, {
      content: {
        ...{ kind: 'media', text: '', replyTo: null },
        items: kinds.map((kind, item) => ({
          ...{ item, kind, name: 'v', type: '', bytes: 1, width: null, height: null, durationMs: 1_000 },
          ...{ thumbnail: null, waveform: null, dangerous: false, held: true, transfer: null },
        })),
      },
    });
  const all = [voice(1, ['voice', 'voice']), message(2), voice(3, ['audio', 'picture']), voice(4, ['voice'])];
  const at = (order: number, item: number) => ({ conversation: room, message: brand<never>(`m${order}`), item });

  it('is the next of the same message, then of a later one; music and pictures are passed over', () => {
    expect(nextRecording(all, at(1, 0))?.ref).toEqual(at(1, 1));
    expect(nextRecording(all, at(1, 1))?.ref).toEqual(at(4, 0));
    expect(nextRecording(all, at(4, 0))).toBeNull();
  });

  it('is none when the one that ended is not among the messages', () => {
    expect(nextRecording(all, at(9, 0))).toBeNull();
  });
});

describe('messages with files that come on screen', () => {
  const photo = (order: number, held: boolean) =>
    message(order, {
      content: {
        ...{ kind: 'media', text: '', replyTo: null },
        items: [
          {
            ...{ item: 0, kind: 'picture', name: 'p', type: '', bytes: 1, width: null, height: null },
            ...{ durationMs: null, thumbnail: null, waveform: null, dangerous: false, held, transfer: null },
          },
        ],
      },
    });

  it('are told once, together, and only while a file is missing', () => {
    vi.useFakeTimers();
    const engine = new HandEngine();
    const seen = new SeenMedia(engine.client, room);
    seen.saw([photo(1, false), photo(2, true), message(3)]);
    seen.saw([photo(1, false), photo(4, false)]);
    vi.advanceTimersByTime(200);
    expect(engine.asked).toHaveLength(1);
    expect(engine.at(0).input).toEqual({ conversation: room, messages: ['m1', 'm4'] });
    seen.saw([photo(1, false), photo(4, false)]);
    vi.advanceTimersByTime(1_000);
    expect(engine.asked).toHaveLength(1);
  });

  it('are not told when they were only scrolled past', () => {
    vi.useFakeTimers();
    const engine = new HandEngine();
    const seen = new SeenMedia(engine.client, room);
    seen.saw([photo(1, false)]);
    seen.saw([message(3)]);
    vi.advanceTimersByTime(1_000);
    expect(engine.asked).toHaveLength(0);
  });

  it('are told again when the engine could not be asked', async () => {
    vi.useFakeTimers();
    const engine = new HandEngine();
    const seen = new SeenMedia(engine.client, room);
    seen.saw([photo(1, false)]);
    vi.advanceTimersByTime(200);
    await engine.at(0).refuse(new Error('unavailable'));
    seen.saw([photo(1, false)]);
    vi.advanceTimersByTime(200);
    expect(engine.asked).toHaveLength(2);
  });
});
