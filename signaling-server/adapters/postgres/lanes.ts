/** Divides conversations as the engine does, so that those of one machine are in as few lanes as can be. */
import type { StoreLanes } from '../../ports/store.ts';
import { laneConnections } from './connections.ts';
import { hashUuid } from './uuid-hash.ts';

const bits = 4;

/**
 * Citus gives each shard a range of the id's hash (as does PostgreSQL's own partitioning, by another one). Lanes are such
 * ranges, too: a shard of a table cut into 32 is half a lane, one of twelve lies in two or three lanes. Engines that divide
 * by something else have a machine's conversations in all lanes; there, lanes tell apart rows that are stuck, not machines.
 */
export function createLanes(): StoreLanes {
  return {
    count: 2 ** bits,
    appendsAtOnce: laneConnections.appends,
    advancesAtOnce: laneConnections.advances,
    // Hashes are signed: the least one comes first.
    laneOf: (conversation) => ((hashUuid(conversation) ^ 0x80000000) >>> 0) >>> (32 - bits),
  };
}
