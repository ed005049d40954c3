/** The two sides of a migration: what is read from, and what is written to. */
import type { RelayId } from '../../../protocol/index.ts';
import type { Part, Row } from './parts.ts';

/** Where reading goes on: the keys of the last row read, as the side orders its rows. */
export type Position = readonly (string | number)[];

export interface Page<P extends Part> {
  readonly rows: readonly Row<P>[];
  /** Of the last row. */
  readonly position: Position;
}

/** Conversations from the first to the last id, both included, in the order of ids. */
export interface Window {
  readonly first: string;
  readonly last: string;
}

export interface Source {
  /** For people: the folder, or the address without its secrets. */
  readonly title: string;
  readonly relayId: RelayId;
  /** The rows after a position; null at the end. Those of the log come in seq order within a conversation. */
  page<P extends Part>(part: P, after: Position | null): Promise<Page<P> | null>;
  /** The log of some conversations, otherwise as `page`. */
  logPage(window: Window, after: Position | null): Promise<Page<'log'> | null>;
  /** The next conversations after an id, at most so many; null where there are none. */
  window(after: string | null, conversations: number): Promise<Window | null>;
  close(): Promise<void>;
}

/** How far the copying of one part has come. */
export interface Progress {
  readonly position: Position | null;
  readonly rows: number;
  readonly done: boolean;
}

export interface Target {
  readonly title: string;
  /** What an earlier run, which ended early, has done of a part; nothing at first. */
  progress(part: Part): Progress;
  /** Keeps rows, and how far that is, in one durable commit. */
  write<P extends Part>(part: P, rows: readonly Row<P>[], progress: Progress): Promise<void>;
  /** Works out what the database keeps besides, from what was copied. May be done again. */
  derive(): Promise<void>;
  /** Reads back what was written. */
  reader(): Promise<Source>;
  /** The last step: from now on a relay may run on it. */
  finish(): Promise<void>;
  /** Whether or not it is finished: what was committed stays, and the same command goes on from there. */
  close(): Promise<void>;
}
