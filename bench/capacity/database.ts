/** How many database shards: by CPU, by disk, and by how long one may take to restore. */
import type { Groups } from './groups.ts';
import type { Inputs } from './inputs.ts';
import { storageAfter } from './storage.ts';
import type { Traffic } from './traffic.ts';

export interface Database {
  /** On one replica. */
  readonly hotBytes: number;
  readonly userBytes: number;
  /** Old entries of conversations that have too few for a segment. */
  readonly tailBytes: number;
  /** What tells where sealed entries are, once all years are there. */
  readonly catalogueBytes: number;
  /** All of these. */
  readonly bytes: number;
  /** Cores in use in the busiest second, on the leading replicas. */
  readonly cores: number;
  readonly walBytesPerSecond: number;
  readonly byCpu: number;
  readonly byDisk: number;
  readonly byRestore: number;
  readonly shards: number;
  readonly servers: number;
  readonly bytesPerShard: number;
  readonly entriesPerShard: number;
}

const terabyte = 1e12;

/** @param groups as the relays bring them. */
export function databaseOf(inputs: Inputs, traffic: Traffic, groups: Groups): Database {
  const { users, cost, given } = inputs;
  const entryBytes = traffic.payloadBytes + cost.dbRowBytes;
  const hotBytes = traffic.entriesPerDay * given.hotDays * entryBytes;
  const userBytes = users * cost.dbUserBytes;
  const micros =
    groups.perSecond * cost.dbGroupMicros +
    traffic.entries * cost.dbMessageMicros +
    traffic.cursorMoves * cost.dbCursorMicros +
    traffic.reconnects * cost.dbSyncMicros;
  const cores = micros / 1e6;
  const conversations = (users * given.conversationsPerUser) / given.membersPerConversation;
  const tailBytes = conversations * given.tailEntries * entryBytes;
  const catalogueBytes = storageAfter(inputs, traffic, given.keepYears).coldObjects * cost.dbSegmentBytes;
  const bytes = hotBytes + userBytes + tailBytes + catalogueBytes;
  // A server leads one shard and follows others: it pays for the followed ones, too.
  const perShard = 1 + (given.replicas - 1) * cost.dbReplicaShare;
  const byCpu = Math.ceil((cores * perShard) / (given.replicas * given.dbCores * given.busiest * (2 / 3)));
  const byDisk = Math.ceil(bytes / (given.dbDiskTb * terabyte * given.dbDiskFill));
  const byRestore = Math.ceil(bytes / (given.restoreMbPerSecond * 1e6 * given.restoreHours * 3_600));
  const shards = Math.max(1, byCpu, byDisk, byRestore);
  return {
    hotBytes,
    userBytes,
    tailBytes,
    catalogueBytes,
    bytes,
    cores,
    walBytesPerSecond: traffic.entries * entryBytes * cost.dbWalFactor,
    byCpu,
    byDisk,
    byRestore,
    shards,
    servers: shards * given.replicas,
    bytesPerShard: bytes / shards,
    entriesPerShard: traffic.entries / shards,
  };
}
