/** How many bytes each thumbnail of a message may take, so that the message fits into one payload. */
import { limits } from '../../../bridge/text-rules.ts';

/** What this app spends on one; others may spend up to the limit. */
const ownThumbnailBytes = 8 * 1024;
/** Sealing, and the fields of the message itself. */
const envelopeBytes = 2 * 1024;
/** Fields of one item beside name and thumbnail: type, waveform, blob, key, numbers, and their names. */
const itemBytes = 512;

interface Item {
  readonly name: string;
  readonly hasThumbnail: boolean;
}

/** @param caption its characters count by the bytes that they take. @returns 0 when no thumbnail fits. */
export function thumbnailBudget(items: readonly Item[], caption: string): number {
  const pictures = items.filter(({ hasThumbnail }) => hasThumbnail).length;
  if (pictures === 0) return 0;
  const words = items.reduce((sum, { name }) => sum + utf8Bytes(name) + itemBytes, utf8Bytes(caption));
  const room = Math.min(limits.thumbnailsBytes, limits.payloadBytes - envelopeBytes - words);
  return Math.max(0, Math.min(ownThumbnailBytes, Math.floor(room / pictures)));
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
