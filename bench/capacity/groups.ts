/** How many messages share a commit: those that come while the relay's last group is under way. */
import type { Inputs } from './inputs.ts';
import type { Traffic } from './traffic.ts';

export interface Groups {
  readonly entriesPerGroup: number;
  readonly cursorsPerGroup: number;
  /** Groups a second of all relays, of messages and of cursors. */
  readonly perSecond: number;
}

/**
 * A relay has one group under way at a time (signaling-server/relay/commits.ts). What begins a group, and what comes
 * during one: 1 + rate × time.
 * @param relays over which messages are spread, all domains there; not rounded.
 */
export function groupsOf({ cost }: Inputs, traffic: Traffic, relays: number): Groups {
  const sizeAt = (perSecond: number): number => 1 + ((perSecond / relays) * cost.dbCommitMs) / 1e3;
  const entriesPerGroup = sizeAt(traffic.entries);
  const cursorsPerGroup = sizeAt(traffic.cursorMoves);
  const perSecond = traffic.entries / entriesPerGroup + traffic.cursorMoves / cursorsPerGroup;
  return { entriesPerGroup, cursorsPerGroup, perSecond };
}
