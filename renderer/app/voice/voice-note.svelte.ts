/** A voice message being made in one conversation: recorded in one take or several, listened to, sent or dropped. */
import type { Bridge } from '../../../bridge/page-client.ts';
import { limits } from '../../../bridge/text-rules.ts';
import type { MessageView } from '../../../bridge/views.ts';
import { waveformOf } from '../attach/waveform.ts';
import type { Composer } from '../composer/composer.svelte.ts';
import { faultOf } from '../faults.ts';
import { joinTakes } from './join-takes.ts';
import type { Take } from './recording.ts';
import { sendVoice, voiceType } from './send-voice.ts';

export interface VoiceParts {
  readonly engine: Pick<Bridge['engine'], 'invoke'>;
  readonly composer: Composer;
  /** Opens the microphone and begins. @throws ParleyError with words for the person. */
  readonly record: (onEnd: () => void) => Promise<Take>;
  readonly now: () => number;
}

/** The microphone is open in `recording` only. */
export type VoiceState = 'idle' | 'asking' | 'recording' | 'paused' | 'sending';

/** What can be heard before it is sent. */
export interface Heard {
  readonly blob: Blob;
  readonly durationMs: number;
  /** 0 to 255 a point. */
  readonly waveform: Uint8Array<ArrayBuffer>;
}

export const longestMs = 60 * 60_000;
const tickMs = 50;
/** How many of the newest levels are shown while recording. */
const shownLevels = 96;
/** Dropping less is not worth a question. */
const worthAskingMs = 10_000;
/** A slip of the finger: nothing in it can be heard. */
const shortestMs = 300;

const tooShort = 'Too short to hear. Hold the button while you speak, or click it once to begin.';
const tooLong = 'A voice message can be an hour long. Send this one, then record another.';
const microphoneGone = 'The microphone went away. What was recorded until then is kept.';

export class VoiceNote {
  readonly #parts: VoiceParts;
  #state = $state.raw<VoiceState>('idle');
  #elapsedMs = $state.raw(0);
  #shown = $state.raw<readonly number[]>([]);
  #heard = $state.raw<Heard | null>(null);
  #fault = $state.raw<string | null>(null);
  #levels: number[] = [];
  #takes: Uint8Array[] = [];
  #take: Take | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #lastTick = 0;
  /** Steps when a note is dropped, so that what still comes for it is known. */
  #note = 0;

  constructor(parts: VoiceParts) {
    this.#parts = parts;
  }

  get state(): VoiceState {
    return this.#state;
  }
  get elapsedMs(): number {
    return this.#elapsedMs;
  }
  /** The newest levels, oldest first, 0 to 1. */
  get levels(): readonly number[] {
    return this.#shown;
  }
  /** Null while it is being recorded. */
  get heard(): Heard | null {
    return this.#heard;
  }
  /** What went wrong, or why it stopped. */
  get fault(): string | null {
    return this.#fault;
  }
  get canResume(): boolean {
    return this.#state === 'paused' && this.#heard !== null && this.#elapsedMs < longestMs;
  }
  get worthAsking(): boolean {
    return this.#elapsedMs >= worthAskingMs;
  }

  /** Begins, or goes on after a pause. */
  async start(): Promise<void> {
    if (this.#state !== 'idle' && !this.canResume) return;
    const note = this.#note;
    this.#fault = null;
    this.#state = 'asking';
    try {
      const take = await this.#parts.record(() => void this.#stopFor(note, microphoneGone));
      if (note !== this.#note) return void (await take.finish());
      this.#take = take;
      this.#heard = null;
      this.#run();
    } catch (error) {
      if (note !== this.#note) return;
      this.#state = this.#takes.length === 0 ? 'idle' : 'paused';
      this.#fault = faultOf(error).message;
    }
  }

  /** Lets the microphone go and keeps what was said; what only began is dropped. */
  async pause(): Promise<void> {
    if (this.#state === 'asking' && this.#takes.length === 0) return this.drop();
    if (this.#state !== 'recording' || !this.#take) return;
    const [take, note] = [this.#take, this.#note];
    this.#take = null;
    this.#stopClock();
    this.#state = 'paused';
    const bytes = await take.finish();
    if (note !== this.#note) return;
    this.#takes.push(bytes);
    this.#heard = this.#join();
  }

  /** Nothing of it is kept. */
  drop(): void {
    this.#note += 1;
    this.#stopClock();
    void this.#take?.finish();
    this.#take = null;
    this.#takes = [];
    this.#levels = [];
    this.#shown = [];
    this.#heard = null;
    this.#elapsedMs = 0;
    this.#state = 'idle';
    this.#fault = null;
  }

  /** @returns the message in the outbox; null when nothing was sent: the recording is kept then, with the fault. */
  async send(): Promise<MessageView | null> {
    await this.pause();
    const heard = this.#heard;
    if (this.#state !== 'paused' || !heard) return null;
    if (heard.durationMs < shortestMs) {
      this.drop();
      this.#fault = tooShort;
      return null;
    }
    this.#state = 'sending';
    this.#fault = null;
    return this.#sendHeard(heard);
  }

  async #sendHeard(heard: Heard): Promise<MessageView | null> {
    const { engine, composer, now } = this.#parts;
    const { conversation, reply } = composer;
    const note = this.#note;
    try {
      const message = await sendVoice(engine, { conversation, replyTo: reply?.id ?? null, heard, time: now() });
      composer.reply = null;
      if (note === this.#note) this.drop();
      return message;
    } catch (error) {
      if (note !== this.#note) return null;
      this.#state = 'paused';
      this.#fault = `Not sent: ${faultOf(error).message}`;
      return null;
    }
  }

  async #stopFor(note: number, words: string): Promise<void> {
    if (note !== this.#note || this.#state !== 'recording') return;
    await this.pause();
    this.#fault = words;
  }

  #run(): void {
    this.#state = 'recording';
    this.#lastTick = this.#parts.now();
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  #tick(): void {
    const now = this.#parts.now();
    this.#elapsedMs += now - this.#lastTick;
    this.#lastTick = now;
    this.#levels.push(this.#take?.level() ?? 0);
    this.#shown = this.#levels.slice(-shownLevels);
    if (this.#elapsedMs >= longestMs) void this.#stopFor(this.#note, tooLong);
  }

  #stopClock(): void {
    clearInterval(this.#timer);
  }

  #join(): Heard {
    const joined = joinTakes(this.#takes);
    const waveform = waveformOf(this.#levels, limits.waveformPoints);
    const blob = new Blob(joined ? [joined.bytes] : this.#takes.map((take) => new Uint8Array(take)), {
      type: voiceType,
    });
    return { blob, durationMs: joined?.durationMs ?? Math.round(this.#elapsedMs), waveform };
  }
}
