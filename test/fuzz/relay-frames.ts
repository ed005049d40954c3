/** Frames that a relay may say, with right forms and values that need not be true. */
import {
  createId,
  errorTable,
  limits,
  type ConversationId,
  type DeviceId,
  type MessageId,
  type RelayFrame,
  type RelayId,
  type UserId,
} from '../../protocol/index.ts';
import type { Random } from '../rig/random.ts';
import { randomBytes } from './mutate.ts';

export interface Told {
  readonly relay: RelayId;
  readonly self: UserId;
  readonly users: readonly UserId[];
  readonly conversations: readonly ConversationId[];
  /** Conversations that the device learns of by lies alone. */
  readonly strangers: readonly ConversationId[];
  /** Ids of messages that wait at the device, among others. */
  readonly messages: readonly MessageId[];
}

const types = {
  deliver: 6,
  fetched: 2,
  accepted: 3,
  refused: 2,
  cursors: 3,
  conversations: 2,
  syncing: 0.5,
  synced: 0.5,
  presence: 1,
  profiles: 1,
  signal: 1,
  unreachable: 0.5,
  pong: 0.5,
  error: 0.3,
  goodbye: 0.1,
  welcome: 0.1,
  chained: 1,
  devices: 0.2,
};

export function makeRelayFrame(random: Random, told: Told): RelayFrame {
  return makers[random.weighted(types)](random, told);
}

const makers: Readonly<Record<RelayFrame['type'], (random: Random, told: Told) => RelayFrame>> = {
  deliver: (random, told) => ({ type: 'deliver', conversation: room(random, told), messages: envelopes(random, told) }),
  fetched: (random, told) => ({
    type: 'fetched',
    ref: random.between(0, 30),
    conversation: room(random, told),
    head: seq(random),
    messages: envelopes(random, told),
  }),
  accepted: (random, told) => ({
    type: 'accepted',
    conversation: room(random, told),
    id: message(random, told),
    seq: seq(random) + 1,
    time: time(random),
  }),
  refused: (random, told) => ({
    type: 'refused',
    conversation: room(random, told),
    id: message(random, told),
    code: code(random),
    message: 'No.',
    ...(random.chance(0.5) && { epoch: seq(random) }),
    ...(random.chance(0.5) && { retryAfterMs: random.pick([-1, 0, 5, 1e9, 1e300]) }),
  }),
  cursors: (random, told) => ({ type: 'cursors', conversation: room(random, told), cursors: cursors(random, told) }),
  conversations: (random, told) => ({
    type: 'conversations',
    conversations: [
      {
        id: room(random, told),
        kind: random.pick(['direct', 'group']),
        epoch: seq(random),
        head: seq(random),
        createdAt: time(random),
        activeAt: time(random),
        cursors: cursors(random, told),
      },
    ],
    profiles: [profile(random, told)],
  }),
  syncing: (random) => ({ type: 'syncing', conversations: seq(random), messages: random.pick([-5, 0, 10, 2 ** 40]) }),
  synced: () => ({ type: 'synced' }),
  presence: (random, told) => ({
    type: 'presence',
    users: [
      {
        user: random.pick(told.users),
        online: random.chance(0.5),
        lastActiveAt: time(random),
        ...(random.chance(0.2) ? { unknown: true } : {}),
      },
    ],
  }),
  profiles: (random, told) => ({ type: 'profiles', profiles: [profile(random, told)] }),
  signal: (random, told) => ({
    type: 'signal',
    conversation: room(random, told),
    user: random.pick(told.users),
    device: createId<DeviceId>(),
    payload: payload(random),
  }),
  unreachable: (random) => ({ type: 'unreachable', ref: random.between(0, 30) }),
  pong: () => ({ type: 'pong' }),
  error: (random, told) => ({
    type: 'error',
    code: code(random),
    message: 'No.',
    ...(random.chance(0.7) && { ref: random.between(0, 30) }),
    ...(random.chance(0.5) && { conversation: room(random, told) }),
  }),
  goodbye: (random) => ({
    type: 'goodbye',
    code: code(random),
    message: 'Bye.',
    retryAfterMs: random.pick([0, 5, 1e12]),
  }),
  welcome: (random, told) => ({
    type: 'welcome',
    version: 1,
    relay: { id: random.chance(0.8) ? told.relay : createId<RelayId>(), name: 'Liar', version: '9' },
    user: profile(random, told),
    device: createId<DeviceId>(),
    generation: seq(random),
    time: time(random),
    heartbeatMs: random.pick([1, 12_000, 2 ** 40]),
    deadAfterMs: random.pick([1, 26_000, 2 ** 40]),
    limits: { ...limits, syncEntries: random.pick([-1, 0, 1, 2_000]) },
    ...(random.chance(0.5) && { features: random.pick([[], ['chain'], ['chain', 'unheard-of']]) }),
  }),
  chained: (random, told) => ({
    type: 'chained',
    ref: random.between(0, 30),
    conversation: room(random, told),
    head: seq(random),
    links: Array.from({ length: random.between(0, 5) }, () => ({ seq: seq(random), link: link(random) })),
    devices: [
      {
        user: random.pick(told.users),
        device: createId<DeviceId>(),
        seq: seq(random),
        link: link(random),
        time: time(random),
      },
    ],
  }),
  devices: () => ({ type: 'devices' }),
};

const room = (random: Random, { conversations, strangers }: Told) =>
  random.pick(random.chance(0.98) ? conversations : strangers);
const message = (random: Random, { messages }: Told) =>
  random.chance(0.5) ? random.pick(messages) : createId<MessageId>();
const seq = (random: Random) => random.pick([0, 1, 2, 3, 5, 8, 100, 1_500, Number.MAX_SAFE_INTEGER - 1]);
const time = (random: Random) => random.pick([0, 1, Date.UTC(2026, 10, 23), 8_640_000_000_000_000]);
const code = (random: Random) =>
  random.chance(0.1)
    ? 'no_such_code'
    : random.pick(Object.keys(errorTable).filter((name) => name !== 'unauthenticated' && name !== 'account_disabled'));
const link = (random: Random) => Uint8Array.from(randomBytes(random, 32));
const payload = (random: Random) => Uint8Array.from(randomBytes(random, random.between(0, 40)));

function envelopes(random: Random, told: Told) {
  const first = seq(random) + 1;
  const gap = random.chance(0.2) ? 2 : 1;
  return Array.from({ length: random.between(0, 4) }, (_, index) => ({
    seq: Math.min(first + index * gap, Number.MAX_SAFE_INTEGER),
    id: message(random, told),
    user: random.pick(told.users),
    device: createId<DeviceId>(),
    kind: random.pick(['content', 'content', 'unheard-of']),
    time: time(random),
    payload: payload(random),
  }));
}

function cursors(random: Random, { users, self }: Told) {
  const members = random.chance(0.8) ? [self, random.pick(users)] : [random.pick(users)];
  return members.map((user) => ({ user, delivered: seq(random), read: seq(random) }));
}

function profile(random: Random, { users }: Told) {
  return {
    id: random.pick(users),
    username: random.pick(['ann', 'ben', '\u202e', '']),
    displayName: random.pick(['', 'Ben', 'x'.repeat(500)]),
  };
}
