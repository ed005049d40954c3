/**
 * Which message ids can have been archived, told from the id alone (P3 for archived messages).
 *
 * Ids are UUIDv7: they begin with the time at which the sender's device made them. Only messages whose id says a time at
 * least `leastColdMs` ago are archived, and every id from more than `checkedAfterMs` ago is looked up among the segments
 * before it is stored: the second is less, so that whatever was archived is looked up. A message that people send now
 * costs one comparison of text. An id of another form than UUIDv7 is treated by the time it seems to say, which is as safe.
 */
import { milliseconds, type MessageId } from '../../../protocol/index.ts';

/** No setting archives what is younger. */
export const leastColdMs = 7 * milliseconds.day;
export const checkedAfterMs = 6 * milliseconds.day;

/** Every id made before that time is less than this text. */
export function leastIdAt(time: number): MessageId {
  const hex = Math.max(0, Math.floor(time)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000` as MessageId;
}
