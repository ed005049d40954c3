/** The fleet that is simulated: sizes from the model, times from the constants. */
import { conversationClasses, type ConversationClass } from '../assumptions.ts';
import type { Inputs } from '../inputs.ts';
import { capacityOf } from '../model.ts';
import { relayedMediaPerDay } from '../storage.ts';
import { fetchesPerFile } from '../bandwidth.ts';
import { secondsPerDay } from '../traffic.ts';

export interface FleetSettings {
  readonly regions: number;
  readonly relaysPerRegion: number;
  readonly shardsPerRegion: number;
  readonly coresPerShard: number;
  readonly devicesPerRegion: number;
  /** Of devices, at the peak. */
  readonly connectedShare: number;
  /** Log entries a second of one region, on the mean of the day. */
  readonly meanEntriesPerRegion: number;
  readonly peakFactor: number;
  readonly devicesPerUser: number;
  /** What a connected device says by itself, a second at the peak: messages, and whom it looks at. */
  readonly saidPerDevice: number;
  readonly classes: readonly ConversationClass[];
  /** Of the other devices of a conversation, in the sender's region. */
  readonly localShare: number;
  readonly seconds: ServiceSeconds;
  readonly media: MediaSettings;
}

/** Seconds, all of them. */
export interface ServiceSeconds {
  readonly accept: number;
  /** One note published. */
  readonly publish: number;
  /** One note heard and written to one socket, its cursor moved and told on. */
  readonly deliver: number;
  readonly handshake: number;
  /** Relay CPU a second for heartbeats, presence and groups of cursors, of a connected device. */
  readonly background: number;
  /** Relay CPU of a group, whatever is in it. */
  readonly relayGroup: number;
  /** Database CPU: of a group, and of each message in it. */
  readonly group: number;
  readonly groupMessage: number;
  /** From the group's last statement until it is durable in one region: the median. */
  readonly commit: number;
  /** To another region and back, for a confirmed message is to outlive its own. */
  readonly replicate: number;
  /** A relay stands still now and then, to collect garbage: how long, and how often on the mean. */
  readonly pause: number;
  readonly betweenPauses: number;
  readonly hopNear: number;
  readonly hopFar: number;
}

export interface MediaSettings {
  /** Files by way of the relays, of all log entries. */
  readonly share: number;
  readonly bytes: number;
  readonly fetches: number;
  /** Bytes a second of one region's way to the object storage. */
  readonly lineRate: number;
}

const regions = 3;
const microseconds = 1e-6;
/** One way within a region, bus included, and between regions of one continent. */
const hopNear = 0.0003;
const hopFar = 0.015;
/** The embedded relay's p99 at 1,000 messages a second is 4 ms with nothing else going on, 12 ms beside a catch-up. */
const pause = 0.008;
const betweenPauses = 2;
/** Relays of a small fleet have shards that are small, too; the model's are large for their disks, not for their CPU. */
const shardsPerRegion = 4;
const coresPerShard = 2;
/** A line is bought with this much of it in use at the peak. */
const lineUse = 0.6;

/** @param inputs of the size that is simulated, not of the whole service. */
export function settingsFor(inputs: Inputs): FleetSettings {
  const { users, cost, given } = inputs;
  const { traffic, relays } = capacityOf(inputs);
  const told = cost.relayHearMicros + cost.relayWriteMicros;
  const cursorGroups = traffic.cursorMoves / relays.groups.cursorsPerGroup;
  const cursorWork =
    traffic.cursorMoves * cost.relayCursorMicros +
    traffic.cursorNotes * cost.relayPublishMicros +
    traffic.cursorDeliveries * told;
  const standing =
    (traffic.pings + traffic.asks) * cost.relayPingMicros +
    traffic.presenceTold * told +
    cursorGroups * cost.relayGroupMicros;
  const asked = traffic.presenceAsks * cost.relayAskMicros + traffic.reconnects * cost.relayHandshakeMicros;
  const fetches = fetchesPerFile(traffic, inputs);
  const mediaPerSecond = (relayedMediaPerDay(inputs) * given.peakFactor) / secondsPerDay;
  return {
    regions,
    relaysPerRegion: Math.max(2, Math.ceil(relays.count / regions)),
    shardsPerRegion,
    coresPerShard,
    devicesPerRegion: Math.round((users * given.devicesPerUser) / regions),
    connectedShare: given.connectedShare,
    meanEntriesPerRegion: traffic.entriesPerDay / secondsPerDay / regions,
    peakFactor: given.peakFactor,
    devicesPerUser: given.devicesPerUser,
    saidPerDevice: (traffic.entries + traffic.presenceAsks / given.watchedPerDevice) / traffic.connections,
    classes: conversationClasses,
    localShare: 0.9,
    seconds: {
      accept: cost.relayAcceptMicros * microseconds,
      publish: cost.relayPublishMicros * microseconds,
      deliver: (told + cursorWork / traffic.deliveries) * microseconds,
      handshake: cost.relayHandshakeMicros * microseconds,
      background: ((standing + asked) * microseconds) / traffic.connections,
      relayGroup: cost.relayGroupMicros * microseconds,
      group: cost.dbGroupMicros * microseconds,
      groupMessage: cost.dbMessageMicros * microseconds,
      commit: cost.dbCommitMs / 1e3,
      replicate: 2 * hopFar,
      pause,
      betweenPauses,
      hopNear,
      hopFar,
    },
    media: {
      share: (given.mediaShare * (1 - given.directShare)) / given.entriesPerMessage,
      bytes: given.mediaBytes,
      fetches,
      lineRate: (mediaPerSecond * (1 + fetches)) / regions / lineUse,
    },
  };
}
