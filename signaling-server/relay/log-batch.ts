/** How much of the log is read and sent at once. */
import { limits } from '../../protocol/index.ts';

/** Fewer than a frame may carry: reading and encoding them holds everybody else up, 200 for about 2 ms. */
export const logBatch = { limit: Math.min(200, limits.batchMessages), maxBytes: limits.relayBatchBytes } as const;
