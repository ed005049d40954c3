/** What the page finds out about a chosen file before it is sent. */
import type { MediaKind } from './file-kind.ts';

export interface Reading {
  readonly kind: MediaKind;
  readonly width: number | null;
  readonly height: number | null;
  readonly durationMs: number | null;
  readonly waveform: Uint8Array<ArrayBuffer> | null;
  /** A picture of it, made by this page: for the dialog and the thumbnail. */
  readonly preview: Blob | null;
  /** A still picture: it has a standard form. */
  readonly resizable: boolean;
}

/** What every file is at least. */
export const isOnlyFile: Reading = {
  kind: 'file',
  width: null,
  height: null,
  durationMs: null,
  waveform: null,
  preview: null,
  resizable: false,
};
