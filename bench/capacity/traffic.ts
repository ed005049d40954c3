/** From what people do to what the parts have to do in the busiest second. */
import type { ConversationClass } from './assumptions.ts';
import type { Inputs } from './inputs.ts';

export const secondsPerDay = 86_400;

/** Events a second unless said otherwise. */
export interface Traffic {
  /** Entries of the log in a day. */
  readonly entriesPerDay: number;
  readonly entries: number;
  /** Members of the conversation of an average entry. */
  readonly membersPerEntry: number;
  /** Other devices that are connected, of an average entry. */
  readonly devicesPerEntry: number;
  /** Envelopes written to sockets. */
  readonly deliveries: number;
  readonly cursorMoves: number;
  /** Notes about cursors that are published, and those written to sockets. */
  readonly cursorNotes: number;
  readonly cursorDeliveries: number;
  /** Not a rate: sockets open at the peak. */
  readonly connections: number;
  readonly pings: number;
  readonly reconnects: number;
  readonly presenceChanges: number;
  /** Changes times those who look. */
  readonly presenceTold: number;
  /** People whose presence is asked for. */
  readonly presenceAsks: number;
  /** Not a rate: subjects that somebody listens to. */
  readonly subscriptions: number;
  /** Bytes of an average payload. */
  readonly payloadBytes: number;
}

/** Devices beside the sending one that are connected: (members × devices − 1) × share. */
export function devicesReached(members: number, { given }: Inputs): number {
  return (members * given.devicesPerUser - 1) * given.connectedShare;
}

/** The mean over all entries of something that depends on the conversation. */
function overClasses(classes: readonly ConversationClass[], of: (members: number) => number): number {
  return classes.reduce((sum, { share, members }) => sum + share * of(members), 0);
}

/** An entry's payload: media messages carry a thumbnail, all other entries a text or less. */
export function meanPayload({ given }: Inputs): number {
  const withMedia = given.mediaShare / given.entriesPerMessage;
  return withMedia * given.mediaPayloadBytes + (1 - withMedia) * given.textBytes;
}

/** Heartbeats are sent by whoever said nothing else for so long (signaling-server/relay/settings.ts). */
export const heartbeatSeconds = 12;

export function trafficOf(inputs: Inputs): Traffic {
  const { users, given, classes } = inputs;
  const entriesPerDay = users * given.messagesPerUserPerDay * given.entriesPerMessage;
  const peak = given.peakFactor / secondsPerDay;
  const entries = entriesPerDay * peak;
  const devices = users * given.devicesPerUser;
  const connections = devices * given.connectedShare;
  const devicesPerEntry = overClasses(classes, (members) => devicesReached(members, inputs));
  const moves = (members: number): number => devicesReached(members, inputs) * given.cursorsPerDelivery;
  const pushed = (members: number): number => (members <= given.receiptMembers ? moves(members) : 0);
  const presenceChanges = users * given.presencePerUser * peak;
  return {
    entriesPerDay,
    entries,
    membersPerEntry: overClasses(classes, (members) => members),
    devicesPerEntry,
    deliveries: entries * devicesPerEntry,
    cursorMoves: entries * overClasses(classes, moves),
    cursorNotes: entries * overClasses(classes, (members) => pushed(members) * members),
    cursorDeliveries: entries * overClasses(classes, (members) => pushed(members) * devicesReached(members, inputs)),
    connections,
    pings: connections / heartbeatSeconds,
    reconnects: devices * given.reconnectsPerDevice * peak,
    presenceChanges,
    presenceTold: presenceChanges * given.watchersPerUser,
    presenceAsks: devices * given.watchesPerDevice * peak * given.watchedPerDevice,
    subscriptions: connections * (2 + given.watchedPerDevice),
    payloadBytes: meanPayload(inputs),
  };
}
