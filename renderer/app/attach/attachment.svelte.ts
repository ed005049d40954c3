/** One file chosen to be sent: what is known of it so far, and what will go out in its place. */
import { kindToTry, type MediaKind } from './file-kind.ts';
import type { Reading } from './reading.ts';
import type { StandardPicture } from './read-picture.ts';

/** `standard`: resized, without camera data; `original`: as it is. */
export type PictureForm = 'standard' | 'original';

/** What goes out: the file itself, or what the page made of it. */
export interface Outgoing {
  readonly blob: Blob;
  readonly name: string;
  readonly width: number | null;
  readonly height: number | null;
}

let last = 0;

export class Attachment {
  readonly id = ++last;
  readonly file: File;
  /** Came from the clipboard and may be nowhere else. */
  readonly pasted: boolean;
  #reading = $state.raw<Reading | null>(null);
  #standard = $state.raw<StandardPicture | 'impossible' | null>(null);
  #previewUrl = $state.raw<string | null>(null);

  constructor(file: File, pasted: boolean) {
    this.file = file;
    this.pasted = pasted;
  }

  /** Null while the file is being looked at. */
  get reading(): Reading | null {
    return this.#reading;
  }
  set reading(reading: Reading | null) {
    this.#reading = reading;
    if (reading?.preview) this.#previewUrl = URL.createObjectURL(reading.preview);
  }
  get kind(): MediaKind {
    return this.#reading?.kind ?? kindToTry(this.file.type);
  }
  /** The address of a picture of it, in this page only. */
  get previewUrl(): string | null {
    return this.#previewUrl;
  }
  get resizable(): boolean {
    return this.#reading?.resizable ?? false;
  }
  set standard(standard: StandardPicture | 'impossible') {
    this.#standard = standard;
  }
  /** Its standard form was wanted and could not be made: the file itself goes, and the person is told. */
  get standardFailed(): boolean {
    return this.#standard === 'impossible';
  }
  needsStandard(form: PictureForm): boolean {
    return form === 'standard' && this.resizable && this.#standard === null;
  }

  /** @returns null while it is not known yet. */
  outgoing(form: PictureForm): Outgoing | null {
    if (this.#reading === null || this.needsStandard(form)) return null;
    const standard = this.#standard;
    if (form === 'standard' && this.resizable && standard !== null && standard !== 'impossible') return standard;
    const { width, height } = this.#reading;
    return { blob: this.file, name: this.file.name, width, height };
  }

  /** @returns null while it can't be sent yet. */
  ready(form: PictureForm): { outgoing: Outgoing; reading: Reading } | null {
    const outgoing = this.outgoing(form);
    return outgoing && this.#reading ? { outgoing, reading: this.#reading } : null;
  }

  release(): void {
    if (this.#previewUrl !== null) URL.revokeObjectURL(this.#previewUrl);
  }
}
