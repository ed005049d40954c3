/** Rules about devices: each holds the relay's log byte for byte, a logged-out one a beginning of it. */
import type { Envelope, MessageId } from '../../../protocol/index.ts';
import { hashOf } from '../net/wire-witness.ts';
import { isSignedIn, nameOf, type DeviceState, type Findings, type Rule } from './findings.ts';
import type { Held, HeldMessage } from './held.ts';
import type { Shown } from './model.ts';
import { contentOf, indexSaid } from './said.ts';

type ShownLog = ReadonlyMap<MessageId, Shown>;

/** P4: nobody is left behind or logged out without cause; no device stops trying by itself. */
export const devicesAreBack: Rule = function* ({ devices }) {
  for (const state of devices) {
    const { device, session, connection } = state;
    if (!device.engine) yield `P4: ${nameOf(state)} does not run`;
    else if (!isSignedIn(state) && !device.mayBeOut)
      yield `P4: ${nameOf(state)} was logged out by nobody: ${JSON.stringify(session)}`;
    else if (connection && connection.state !== 'online')
      yield `P4: ${nameOf(state)} is not online: ${JSON.stringify(connection)}`;
  }
};

/** P2 and P4: the same messages in the same places with the same bytes. */
export const devicesHoldTheLog: Rule = function* (findings) {
  for (const state of findings.devices) {
    if (!state.held) {
      if (isSignedIn(state)) yield `P4: ${nameOf(state)} is logged in and has no history`;
      continue;
    }
    yield* compareLogs(findings, state);
    if (isSignedIn(state)) yield* missingConversations(findings, state);
    if (isSignedIn(state)) yield* lostOnes(findings, state.held, nameOf(state));
    if (state.held.displaced > 0 && findings.world.past.putBacks === 0)
      yield `P2: ${nameOf(state)} displaced ${state.held.displaced} messages`;
    for (const damage of state.held.damage) yield `storage: ${nameOf(state)}: ${damage}`;
  }
};

/** What the relay lost is kept and shown as lost until a device of its sender has sent it again, and no longer. */
function* lostOnes({ logs, world }: Findings, held: Held, where: string): Generator<string> {
  const said = indexSaid(logs);
  if (held.lost.length > 0 && world.past.putBacks === 0) yield `P1: ${where} shows messages as lost by the relay`;
  for (const { id, own } of held.lost) {
    if (own === 1) yield `P5: ${where} has its own message ${id} lost and does not send it again`;
    if (said.byId(id)) yield `P3: ${where} shows ${id} as lost, and the relay has it`;
  }
}

function* compareLogs({ logs, shown }: Findings, state: DeviceState): Generator<string> {
  for (const { id, stored, head } of state.held?.conversations ?? []) {
    const log = logs.get(id) ?? [];
    const messages = state.held?.messages.get(id) ?? [];
    const where = `${nameOf(state)} in ${id}`;
    if (isSignedIn(state) && (stored !== log.length || head !== log.length || messages.length !== log.length))
      yield `P4: ${where}: stored ${stored}, head ${head}, ${messages.length} messages of ${log.length}`;
    for (const message of messages) {
      const truth = log[message.seq - 1];
      if (!truth) yield `P2: ${where}: seq ${message.seq} is not in the relay’s log`;
      else yield* compare(where, message, truth, erasure(state, shown.get(id), truth));
    }
    const upTo = messages.filter(({ seq }) => seq <= stored).length;
    if (upTo !== stored) yield `P2: ${where}: ${upTo} messages up to ${stored}`;
  }
}

type Erasure = 'forbidden' | 'allowed' | 'required';

/** Whether the words may be gone, as those of a deleted message and of its edits; a logged-out device may not know of it. */
function erasure(state: DeviceState, shown: ShownLog | undefined, truth: Envelope): Erasure {
  const content = contentOf(truth);
  const message = shown?.get(content?.kind === 'edit' ? content.target : truth.id);
  if (message?.kind !== 'deleted') return 'forbidden';
  return isSignedIn(state) && message.user === truth.user ? 'required' : 'allowed';
}

function* compare(where: string, held: HeldMessage, truth: Envelope, erased: Erasure): Generator<string> {
  for (const field of ['seq', 'id', 'user', 'device', 'kind', 'time'] as const) {
    if (held[field] !== truth[field])
      yield `P2: ${where}: seq ${held.seq} has ${field} ${held[field]}, the relay’s log ${truth[field]}`;
  }
  const isErased = held.payloadHash !== null && held.payload.length === 0;
  const hash = isErased ? Buffer.from(held.payloadHash).toString('hex') : hashOf(held.payload);
  if (hash !== hashOf(truth.payload)) yield `P2: ${where}: seq ${held.seq} has other bytes`;
  if (isErased && erased === 'forbidden')
    yield `deletions: ${where}: seq ${held.seq} was erased, and nobody deleted it`;
  if (!isErased && erased === 'required') yield `deletions: ${where}: seq ${held.seq} is kept though it was deleted`;
}

function* missingConversations({ audits }: Findings, state: DeviceState): Generator<string> {
  const held = new Set(state.held?.conversations.map(({ id }) => id));
  for (const id of audits[state.device.spec.person]?.conversations.keys() ?? []) {
    if (!held.has(id)) yield `P4: ${nameOf(state)} has not heard of ${id}`;
  }
}

/** Cursors and what is counted by them are the relay's. */
export const cursorsAgree: Rule = function* ({ audits, devices, world }) {
  for (const state of devices.filter(isSignedIn)) {
    const self = world.people[state.device.spec.person]?.auditor.user.id ?? '';
    for (const { id, cursors } of audits[state.device.spec.person]?.conversations.values() ?? []) {
      for (const { user, delivered, read } of cursors) {
        const held = state.held?.cursors.get(`${id} ${user}`);
        // Of others it may remember what they read before the relay went back, until they have read as far again.
        const mayBeAhead = world.past.putBacks > 0 && user !== self && (held?.read ?? 0) > read;
        if (!mayBeAhead && (held?.read !== read || (held.delivered > delivered && world.past.putBacks === 0)))
          yield `cursors: ${nameOf(state)} in ${id} has ${user} at ${held?.delivered}/${held?.read}, the relay ${delivered}/${read}`;
      }
      yield* countUnread(state, id, self);
    }
  }
};

function* countUnread(state: DeviceState, id: string, self: string): Generator<string> {
  const read = state.held?.cursors.get(`${id} ${self}`)?.read ?? 0;
  const held = state.held?.messages.get(id) ?? [];
  const counted = held.filter(({ user, seq, shown }) => user !== self && seq > read && shown === 1).length;
  const told = state.held?.conversations.find((conversation) => conversation.id === id)?.unread ?? 0;
  if (told !== counted) yield `unread: ${nameOf(state)} in ${id} shows ${told}, there are ${counted}`;
}

/** The relay knows of every message of others that a device has, and shows it to its sender as delivered. */
export const deliveriesAreTold: Rule = function* ({ audits, world, logs }) {
  for (const [index, { conversations }] of audits.entries()) {
    const user = world.people[index]?.auditor.user.id;
    const isThere = world.devices.some(({ spec, mayBeOut }) => spec.person === index && !mayBeOut);
    for (const { id, cursors } of isThere ? conversations.values() : []) {
      const delivered = cursors.find((cursor) => cursor.user === user)?.delivered ?? 0;
      const newest = logs.get(id)?.findLast((message) => message.user !== user)?.seq ?? 0;
      if (delivered < newest) yield `cursors: ${id} of person ${index} has delivered ${delivered} of ${newest}`;
    }
  }
};

/** A device whose session was ended from elsewhere, and that knows of it, keeps nothing of the account. */
export const erasedDevicesHoldNothing: Rule = function* ({ devices }) {
  for (const state of devices) {
    const { device, session, held } = state;
    if (session?.state !== 'signed-out' || session.reason !== 'erased') continue;
    if (held) yield `erasing: ${nameOf(state)} still has a history`;
    if (!device.mayBeErased) yield `erasing: ${nameOf(state)} was erased, and nobody ended its session`;
  }
};
