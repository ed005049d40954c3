/** Where the bytes of a waiting message's files come from, as the outbox keeps it. */
import { z } from 'zod';
import { decodeOne, encodeOne, limits } from '../../../protocol/index.ts';

/** An entry a file: the path to seal it from, or null for one that is sealed. */
const sourcesSchema = z.array(z.string().nullable()).max(limits.mediaItems);
export type Sources = z.infer<typeof sourcesSchema>;

/** Null when nothing is left to seal. */
export function encodeSources(sources: Sources): Uint8Array | null {
  return sources.some((source) => source !== null) ? encodeOne(sources) : null;
}

export function decodeSources(bytes: Uint8Array | null): Sources {
  return bytes === null ? [] : sourcesSchema.parse(decodeOne(bytes));
}
