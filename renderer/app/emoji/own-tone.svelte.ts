/** The colour of skin in which a person gives emoji on this computer. */
import { isSkinTone, type SkinTone } from './skin-tones.ts';

const key = 'parley.skin-tone';

export class OwnTone {
  readonly #memory: Storage;
  #tone = $state.raw<SkinTone>('');

  constructor(memory: Storage) {
    this.#memory = memory;
    const kept = memory.getItem(key) ?? '';
    if (isSkinTone(kept)) this.#tone = kept;
  }

  get tone(): SkinTone {
    return this.#tone;
  }
  set tone(tone: SkinTone) {
    this.#tone = tone;
    this.#memory.setItem(key, tone);
  }

  /** Somebody else may be in front of this computer next. */
  forget(): void {
    this.#tone = '';
    this.#memory.removeItem(key);
  }
}
