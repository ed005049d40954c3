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
  /** Heartbeats of devices that said nothing for long. */
  readonly pings: number;
  /** Signs of life that one side asks of the other, since it told something and heard nothing after it. */
  readonly asks: number;
  /** Of the systems at both ends at links that are quiet; each is a packet there and one back. */
  readonly looks: number;
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

/** So long after it was told something is a side asked that said nothing since (signaling-server/socket/sweep.ts). */
const askAfterSeconds = 12;
/** After so much silence the system looks at a link (signaling-server/server.ts, main/engine/connection/socket.ts). */
const lookAfterSeconds = 15;
const sides = 2;

/**
 * What rare heartbeats need beside them; frequent ones come first. After something is told a link is asked once, however
 * much comes meanwhile: once in 12 s and the time until something is told again. Every link counts as quiet for looks.
 */
function watching({ given }: Inputs, connections: number, told: number): Pick<Traffic, 'pings' | 'asks' | 'looks'> {
  const { heartbeatSeconds, toldTogether } = given;
  const betweenBursts = (toldTogether * connections) / told;
  return {
    pings: connections / heartbeatSeconds,
    asks: heartbeatSeconds > askAfterSeconds ? connections / (askAfterSeconds + betweenBursts) : 0,
    looks: heartbeatSeconds > lookAfterSeconds ? (connections * sides) / lookAfterSeconds : 0,
  };
}

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
  const presenceTold = presenceChanges * given.watchersPerUser;
  const deliveries = entries * devicesPerEntry;
  const cursorDeliveries =
    entries * overClasses(classes, (members) => pushed(members) * devicesReached(members, inputs));
  const looksAtPeople = devices * given.watchesPerDevice * peak;
  /** To whoever sends, that it is stored; to whoever looks at people, who is there. */
  const told = deliveries + cursorDeliveries + presenceTold + entries + looksAtPeople;
  return {
    entriesPerDay,
    entries,
    membersPerEntry: overClasses(classes, (members) => members),
    devicesPerEntry,
    deliveries,
    cursorMoves: entries * overClasses(classes, moves),
    cursorNotes: entries * overClasses(classes, (members) => pushed(members) * members),
    cursorDeliveries,
    connections,
    ...watching(inputs, connections, told),
    reconnects: devices * given.reconnectsPerDevice * peak,
    presenceChanges,
    presenceTold,
    presenceAsks: looksAtPeople * given.watchedPerDevice,
    subscriptions: connections * (2 + given.watchedPerDevice),
    payloadBytes: meanPayload(inputs),
  };
}
