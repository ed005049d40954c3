/** What the people at one device typed, changed, read and drafted, and what the engine promised them of it. */
import type { ConversationId, MessageId } from '../../../protocol/index.ts';

export interface Promised {
  readonly conversation: ConversationId;
  /**
   * `kept`: the command resolved, so it must arrive. `open`: it failed or was never answered, so it may arrive, but once at
   * most.
   */
  promise: 'kept' | 'open';
  /** The rule that allows what was kept not to arrive. */
  excuse: string | null;
}

export interface Typed extends Promised {
  /** There once in all runs; a file's caption. */
  readonly text: string;
  /** Of a message with a file: what is in it. */
  readonly file: Uint8Array | null;
  /** Counts how often the device's history was taken back or erased: the order is kept within one life. */
  readonly life: number;
  id: MessageId | null;
}

export interface TypedChange extends Promised {
  readonly kind: 'edit' | 'delete' | 'reaction' | 'pin';
  /** The message that it is about; null for a pin. */
  readonly target: MessageId | null;
  /** The new text of an edit, there once in all runs; the emoji of a reaction; empty for others. */
  readonly text: string;
  readonly on: boolean;
}

export interface Ledger {
  readonly typed: Typed[];
  readonly changes: TypedChange[];
  /** Every draft that was typed here, by conversation. */
  readonly drafts: Map<ConversationId, string[]>;
  /** The furthest that was marked as read, by conversation. */
  readonly read: Map<ConversationId, number>;
  life: number;
}

/** How much a ledger held at a moment, such as when a backup was made. */
export interface Mark {
  readonly typed: number;
  readonly changes: number;
}

export function createLedger(): Ledger {
  return { typed: [], changes: [], drafts: new Map(), read: new Map(), life: 0 };
}

export function markOf({ typed, changes }: Ledger): Mark {
  return { typed: typed.length, changes: changes.length };
}

/** The history was erased, or put back to what it was at the mark. */
export function loseMemory(ledger: Ledger, excuse: string, known: Mark = { typed: 0, changes: 0 }): void {
  ledger.life++;
  for (const entry of ledger.typed.slice(known.typed)) entry.excuse ??= excuse;
  for (const entry of ledger.changes.slice(known.changes)) entry.excuse ??= excuse;
  ledger.read.clear();
}
