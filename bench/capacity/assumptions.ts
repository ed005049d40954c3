/** What the model takes for granted about people, machines and prices, each with its reason. */
import type { Quantity } from './quantity.ts';

export interface Assumption extends Quantity {
  readonly why: string;
}

/** What people do. */
const people = {
  messagesPerUserPerDay: {
    value: 100,
    low: 40,
    high: 150,
    unit: 'messages',
    why: 'the mission; a very large messenger carried 67 a user on its busiest day of 2019',
  },
  entriesPerMessage: {
    value: 1.2,
    low: 1.1,
    high: 1.6,
    unit: 'log entries a message',
    why: 'edits, deletions, reactions, and the values that an account’s devices share are entries of the log, too',
  },
  peakFactor: {
    value: 3,
    low: 2,
    high: 5,
    unit: 'busiest second over the mean',
    why: 'a service of one continent sleeps at night; a world-wide one is flatter, a holiday’s midnight steeper',
  },
  devicesPerUser: { value: 2, low: 1.5, high: 3, unit: 'devices', why: 'the mission: a desktop and one more' },
  connectedShare: {
    value: 0.4,
    low: 0.25,
    high: 0.7,
    unit: 'of devices at the peak',
    why: 'desktops are on in working hours; the app stays connected in the tray',
  },
  mediaShare: { value: 0.1, low: 0.06, high: 0.2, unit: 'of messages', why: 'the mission; 12 % were photos in 2019' },
  mediaBytes: { value: 500e3, low: 250e3, high: 1e6, unit: 'bytes a file', why: 'the mission: pictures, some films' },
  directShare: {
    value: 0.6,
    low: 0.3,
    high: 0.8,
    unit: 'of media bytes',
    why: 'the mission; true of bytes at best: today’s app sends files below 1 MiB by way of the relay at once',
  },
  turnShare: {
    value: 0.15,
    low: 0.08,
    high: 0.3,
    unit: 'of direct bytes',
    why: 'pairs of networks that let no direct path through need a TURN server',
  },
  fetchShare: {
    value: 0.5,
    low: 0.3,
    high: 0.8,
    unit: 'of the other devices',
    why: 'a device fetches a file when it is shown, or at once when small',
  },
  textBytes: {
    value: 320,
    low: 150,
    high: 500,
    unit: 'bytes a payload without media',
    why: 'the benchmarks’ message: a sentence or two, sealed',
  },
  mediaPayloadBytes: {
    value: 6_500,
    low: 4_000,
    high: 9_000,
    unit: 'bytes a payload with media',
    why: 'the thumbnail rides in the message: up to 8 KiB of it by the app’s own rule',
  },
  reconnectsPerDevice: {
    value: 8,
    low: 4,
    high: 20,
    unit: 'a day',
    why: 'lids, trains, changes of network; a phone would be at 50 and more',
  },
  presencePerUser: {
    value: 10,
    low: 5,
    high: 25,
    unit: 'changes a day',
    why: 'the first device that comes and the last one that goes; two devices overlap',
  },
  watchersPerUser: {
    value: 3,
    low: 1.5,
    high: 8,
    unit: 'sessions that look at a person',
    why: 'the open chat and the visible part of the list, and only while a window is open',
  },
  watchedPerDevice: {
    value: 15,
    low: 8,
    high: 30,
    unit: 'people a connected device looks at',
    why: 'a list of ten to twenty chats is visible; three in four windows are in the tray',
  },
  watchesPerDevice: {
    value: 40,
    low: 15,
    high: 120,
    unit: 'times a day that a device looks at other people',
    why: 'a window opened, the list scrolled, another chat',
  },
  toldTogether: {
    value: 3,
    low: 1,
    high: 8,
    unit: 'things told to a device that come within seconds of one another',
    why: 'people write in bursts: a message, who has it, who read it, the answer',
  },
  cursorsPerDelivery: {
    value: 0.5,
    low: 0.2,
    high: 1.2,
    unit: 'cursor moves a message delivered',
    why: 'one frame tells of many messages; “delivered” and “read” are two',
  },
  receiptMembers: {
    value: 12,
    low: 2,
    high: 30,
    unit: 'members up to which cursors are pushed',
    why: 'everybody’s cursor to everybody grows with the square of the group; larger groups have to ask',
  },
  conversationsPerUser: { value: 40, low: 20, high: 100, unit: 'conversations', why: 'all that there ever were' },
  membersPerConversation: { value: 2.3, low: 2, high: 4, unit: 'members', why: 'by number nearly all are direct' },
  tailEntries: {
    value: 60,
    low: 20,
    high: 128,
    unit: 'old entries of a conversation in no segment',
    why: 'up to 255 wait for more, half on the mean; most conversations never have as many',
  },
} as const satisfies Readonly<Record<string, Assumption>>;

/** How it is run. */
const machines = {
  keepYears: { value: 5, low: 1, high: 5, unit: 'years', why: 'the mission' },
  mediaKeepYears: { value: 5, low: 0.25, high: 5, unit: 'years', why: 'the mission; see what a shorter time is worth' },
  hotDays: {
    value: 30,
    low: 7,
    high: 90,
    unit: 'days in the database',
    why: 'nearly all reads are of the last days; older history is a segment away',
  },
  replicas: {
    value: 3,
    low: 3,
    high: 3,
    unit: 'copies in the database',
    why: 'one may be lost during the repair of another',
  },
  failureDomains: { value: 3, low: 2, high: 3, unit: 'zones or regions', why: 'one may be gone at the peak' },
  heartbeatSeconds: {
    value: 600,
    low: 300,
    high: 900,
    unit: 's between the heartbeats of a device',
    why: 'deploy/fleet/fleet.env.example; the systems and the balancer look at quiet links ([how](operations.md#rare-heartbeats))',
  },
  busiest: {
    value: 0.75,
    low: 0.6,
    high: 0.85,
    unit: 'CPU in use after a domain is lost',
    why: 'queues grow as 1/(1 − use): at 0.75 the mean wait is 1.5 service times, at 0.9 it is 4.5',
  },
  relayConnections: {
    value: 100_000,
    low: 50_000,
    high: 250_000,
    unit: 'connections a relay',
    why: 'what is measured on one process of one core; more is memory, but a larger loss when it dies',
  },
  stormSeconds: {
    value: 60,
    low: 30,
    high: 120,
    unit: 'seconds',
    why: 'within it everybody of a lost domain is to be connected elsewhere',
  },
  natsCores: { value: 8, low: 8, high: 16, unit: 'cores a NATS server', why: 'it scales over cores by connection' },
  natsMemoryGib: { value: 64, low: 32, high: 64, unit: 'GiB a NATS server', why: 'an ordinary machine' },
  dbCores: { value: 16, low: 8, high: 32, unit: 'cores a database server', why: 'an ordinary machine' },
  dbDiskTb: { value: 7.68, low: 3.84, high: 7.68, unit: 'TB of NVMe a database server', why: 'an ordinary disk' },
  dbDiskFill: { value: 0.6, low: 0.5, high: 0.7, unit: 'of the disk', why: 'vacuum, moves between shards, growth' },
  dbConnections: {
    value: 500,
    low: 200,
    high: 1_000,
    unit: 'connections a database server',
    why: 'PostgreSQL has a process for each; beyond some hundred they cost more than they carry',
  },
  dbPool: {
    value: 10,
    low: 4,
    high: 10,
    unit: 'connections a relay',
    why: 'what the store opens unless told otherwise',
  },
  restoreMbPerSecond: {
    value: 300,
    low: 150,
    high: 800,
    unit: 'MB/s when a server is restored',
    why: 'object storage to one machine, indexes built on the way',
  },
  restoreHours: { value: 4, low: 2, high: 8, unit: 'hours', why: 'without the third copy; longer asks for trouble' },
  balancerConnections: {
    value: 500_000,
    low: 200_000,
    high: 1_000_000,
    unit: 'TLS connections a balancer',
    why: '20 to 40 KiB of TLS state each',
  },
  segmentEntries: {
    value: 300,
    low: 256,
    high: 1_000,
    unit: 'entries a sealed segment',
    why: 'the archiver seals from 256 on, or from 256 KiB on; it comes round more often than a conversation doubles',
  },
} as const satisfies Readonly<Record<string, Assumption>>;

/** In US dollars, without people’s wages. No vendor’s list: what rented machines and bandwidth cost in bulk, roughly. */
const prices = {
  corePerMonth: {
    value: 15,
    low: 6,
    high: 35,
    unit: '$ a core and month with 4 GiB',
    why: 'owned metal to a large cloud',
  },
  memoryPerMonth: { value: 2, low: 0.7, high: 4, unit: '$ a GiB and month beyond that', why: 'as above' },
  nvmePerMonth: {
    value: 0.06,
    low: 0.02,
    high: 0.15,
    unit: '$ a GB and month',
    why: 'as above, attached to the machine',
  },
  objectPerMonth: {
    value: 0.012,
    low: 0.004,
    high: 0.022,
    unit: '$ a GB and month, redundancy included',
    why: 'own disks with erasure coding to a large cloud’s first tier',
  },
  objectWrites: { value: 3, low: 0, high: 6, unit: '$ a million objects written', why: 'own: none; clouds: about 5' },
  objectReads: { value: 0.3, low: 0, high: 0.5, unit: '$ a million objects read', why: 'own: none; clouds: about 0.4' },
  egress: {
    value: 0.01,
    low: 0.001,
    high: 0.05,
    unit: '$ a GB out',
    why: 'own transit to a large cloud’s bulk price; the widest range of all',
  },
  betweenDomains: { value: 0.005, low: 0, high: 0.02, unit: '$ a GB between zones', why: 'own network: none' },
} as const satisfies Readonly<Record<string, Assumption>>;

export const assumptions = { ...people, ...machines, ...prices } as const;

export type Assumptions = { readonly [Name in keyof typeof assumptions]: number };
export type AssumptionName = keyof typeof assumptions;

export interface ConversationClass {
  readonly name: string;
  readonly members: number;
  /** Part of all messages that are sent in such conversations. */
  readonly share: number;
}

/** Most messages go to one person; few groups are large, but they weigh by their members. */
export const conversationClasses: readonly ConversationClass[] = [
  { name: 'direct', members: 2, share: 0.75 },
  { name: 'a family or team', members: 6, share: 0.2 },
  { name: 'a club', members: 30, share: 0.0495 },
  { name: 'a large group', members: 1_000, share: 0.0005 },
];
