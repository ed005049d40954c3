/** The microphone button under a finger: held to record and let go to send, swiped away to drop, clicked to go on freely. */
import { isSwipe, releaseMeans, type Point } from './hold.ts';
import type { VoiceNote } from './voice-note.svelte.ts';

export class HoldGesture {
  readonly #voice: VoiceNote;
  readonly #send: () => void;
  #held = $state.raw(false);
  #away = $state.raw(false);

  constructor(voice: VoiceNote, send: () => void) {
    this.#voice = voice;
    this.#send = send;
  }

  get held(): boolean {
    return this.#held;
  }
  /** Letting go now drops the recording. */
  get away(): boolean {
    return this.#away;
  }

  /** The button itself is gone while recording, so the pointer is followed on the window. */
  press({ button, clientX: x, clientY: y, timeStamp: pressedAt, pointerId }: PointerEvent): void {
    if (button !== 0 || this.#voice.state !== 'idle') return;
    const from: Point = { x, y };
    const over = new AbortController();
    const listen = (type: 'pointermove' | 'pointerup' | 'pointercancel', act: (event: PointerEvent) => void): void =>
      addEventListener(type, (event) => event.pointerId === pointerId && act(event), { signal: over.signal });
    this.#held = true;
    listen('pointermove', (event) => (this.#away = isSwipe(from, pointOf(event))));
    listen('pointercancel', () => this.#end(over));
    listen('pointerup', (event) => {
      this.#end(over);
      this.#release(releaseMeans(event.timeStamp - pressedAt, from, pointOf(event), this.#voice.state === 'recording'));
    });
    void this.#voice.start();
  }

  #release(means: ReturnType<typeof releaseMeans>): void {
    if (means === 'send') this.#send();
    if (means === 'cancel') this.#voice.drop();
  }

  #end(over: AbortController): void {
    over.abort();
    this.#held = false;
    this.#away = false;
  }
}

function pointOf({ clientX: x, clientY: y }: PointerEvent): Point {
  return { x, y };
}
