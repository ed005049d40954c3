/** What is heard: one recording at a time across the app, playing on while its message is scrolled away. */
import { mediaAddress } from '../../../bridge/media-address.ts';
import type { MediaRef } from '../../../bridge/media-views.ts';
import { refKey } from '../transfers/transfer-order.ts';

export interface Track {
  readonly ref: MediaRef;
  readonly voice: boolean;
  readonly title: string;
  readonly durationMs: number | null;
  /** Whether it is on this computer: else it is fetched as soon as it is to be played. */
  readonly held: boolean;
}

interface PlaybackParts {
  readonly audio: HTMLAudioElement;
  /** Where the speed is remembered. */
  readonly memory: Pick<Storage, 'getItem' | 'setItem'>;
  /** Asks for a file that is not here. */
  readonly fetch: (ref: MediaRef) => void;
  /** What plays on by itself once this track has ended. */
  readonly after: (track: Track) => Track | null;
}

const speeds = [1, 1.5, 2] as const;
const memoryKey = 'parley.playback-speed';

export class Playback {
  readonly #parts: PlaybackParts;
  #track = $state.raw<Track | null>(null);
  #playing = $state.raw(false);
  #position = $state.raw(0);
  #duration = $state.raw(0);
  #trouble = $state.raw(false);
  #speed = $state.raw(1);
  /** Where tracks were left, in seconds. */
  readonly #places: Record<string, number> = {};
  #pauseOther: (() => void) | null = null;
  #frame = 0;

  constructor(parts: PlaybackParts) {
    this.#parts = parts;
    this.#speed = speeds.find((speed) => String(speed) === parts.memory.getItem(memoryKey)) ?? 1;
    const { audio } = parts;
    audio.preload = 'auto';
    audio.addEventListener('play', () => this.#follow());
    audio.addEventListener('pause', () => this.#rest());
    audio.addEventListener('durationchange', () => this.#measure());
    audio.addEventListener('seeked', () => (this.#position = audio.currentTime));
    audio.addEventListener('ended', () => this.#ended());
    audio.addEventListener('error', () => this.#fail());
  }

  get track(): Track | null {
    return this.#track;
  }
  get playing(): boolean {
    return this.#playing;
  }
  get speed(): number {
    return this.#speed;
  }

  isOn(ref: MediaRef): boolean {
    return this.#track !== null && refKey(this.#track.ref) === refKey(ref);
  }

  /** In seconds; where it was left for a track that is not on. */
  positionOf(track: Track): number {
    return this.isOn(track.ref) ? this.#position : (this.#places[refKey(track.ref)] ?? 0);
  }

  durationOf(track: Track): number {
    return (this.isOn(track.ref) ? this.#duration : 0) || (track.durationMs ?? 0) / 1_000;
  }

  /** Whether this track was to be played and could not be. */
  troubleOf(track: Track): boolean {
    return this.isOn(track.ref) && this.#trouble;
  }

  toggle(track: Track): void {
    if (this.isOn(track.ref) && this.#playing) this.pause();
    else this.#play(track);
  }

  pause(): void {
    this.#parts.audio.pause();
  }

  /** @param seconds from the beginning; a track that is not on begins there when it is played. */
  seek(track: Track, seconds: number): void {
    const place = Math.max(0, Math.min(seconds, this.durationOf(track)));
    if (!this.isOn(track.ref)) {
      this.#places[refKey(track.ref)] = place;
      this.#put(track);
      return;
    }
    this.#position = place;
    this.#parts.audio.currentTime = place;
  }

  nextSpeed(): void {
    const at = speeds.findIndex((speed) => speed === this.#speed);
    this.#speed = speeds[(at + 1) % speeds.length] ?? 1;
    this.#parts.audio.playbackRate = this.#speed;
    this.#parts.memory.setItem(memoryKey, String(this.#speed));
  }

  /**
   * Somebody else begins to make a sound or to show a video: whatever played is paused.
   * @param pause called when another one begins. @returns to be called when it is over.
   */
  claim(pause: () => void): () => void {
    this.pause();
    if (this.#pauseOther !== pause) this.#pauseOther?.();
    this.#pauseOther = pause;
    return () => {
      if (this.#pauseOther === pause) this.#pauseOther = null;
    };
  }

  /** Ends what is on and forgets it: the conversation is left, or somebody logs out. */
  stop(): void {
    this.#leave();
    this.pause();
    this.#track = null;
    this.#parts.audio.removeAttribute('src');
    this.#pauseOther?.();
    this.#pauseOther = null;
  }

  #play(track: Track): void {
    this.#pauseOther?.();
    this.#pauseOther = null;
    if (!track.held) this.#parts.fetch(track.ref);
    if (!this.isOn(track.ref) || this.#trouble) this.#put(track);
    // Fails when it is paused before it could begin, which is no fault; others come as an `error`.
    this.#parts.audio.play().catch(() => undefined);
  }

  /** Puts a track on, at the place where it was left. */
  #put(track: Track): void {
    this.#leave();
    const { audio } = this.#parts;
    const place = this.#places[refKey(track.ref)] ?? 0;
    this.#track = track;
    this.#trouble = false;
    this.#duration = 0;
    this.#position = place;
    audio.src = mediaAddress(track.ref);
    audio.currentTime = place;
    audio.playbackRate = this.#speed;
  }

  #leave(): void {
    if (this.#track) this.#places[refKey(this.#track.ref)] = this.#position;
  }

  #measure(): void {
    const { duration } = this.#parts.audio;
    // A recording without a length in it tells Infinity: then the message's own word counts.
    this.#duration = Number.isFinite(duration) ? duration : 0;
  }

  #follow(): void {
    this.#playing = true;
    cancelAnimationFrame(this.#frame);
    const step = (): void => {
      if (!this.#parts.audio.seeking) this.#position = this.#parts.audio.currentTime;
      if (this.#playing) this.#frame = requestAnimationFrame(step);
    };
    step();
  }

  #rest(): void {
    this.#playing = false;
    cancelAnimationFrame(this.#frame);
  }

  #ended(): void {
    const ended = this.#track;
    this.#rest();
    this.#position = 0;
    if (!ended) return;
    this.#leave();
    const next = ended.voice ? this.#parts.after(ended) : null;
    if (next) this.#play(next);
    else this.#parts.audio.currentTime = 0;
  }

  #fail(): void {
    if (!this.#track || !this.#parts.audio.hasAttribute('src')) return;
    this.#trouble = true;
    this.#rest();
  }
}
