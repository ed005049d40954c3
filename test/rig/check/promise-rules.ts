/** Rules about what people were promised: typed means kept, in the order typed, under the id answered; read stays read. */
import type { Typed } from '../device/ledger.ts';
import { isSignedIn, nameOf, type DeviceState, type Rule } from './findings.ts';
import { indexSaid, wordsOf, type Place, type Said } from './said.ts';

/**
 * P5: every message whose command resolved is in the log. Allowed instead: the person took it back before it was sent; it
 * waits in the outbox of a device that is logged out; or its history was erased, by a log-out or because the session was
 * ended from elsewhere, or taken back to a backup from before it was typed.
 */
export const typedIsKept: Rule = function* ({ logs, devices }) {
  const said = indexSaid(logs);
  for (const state of devices) {
    const waiting = new Set(state.held?.outbox.map(({ id }) => id));
    for (const entry of state.device.ledger.typed) {
      const { text, promise, excuse, conversation, id } = entry;
      if (promise === 'open' || id === null || excuse !== null || said.byId(id) || isTakenBack(state, entry, devices))
        continue;
      if (!isSignedIn(state) && (waiting.has(id) || state.device.mayBeErased)) continue;
      const where = waiting.has(id) ? 'still in its outbox' : 'nowhere';
      yield `P5: "${text.slice(0, 40)}" typed at ${nameOf(state)} for ${conversation} is ${where}`;
    }
    if (isSignedIn(state)) yield* stuck(state);
  }
};

/** By any device of the person: what was deleted is not sent again to a relay that lost it. */
function isTakenBack({ device: { spec } }: DeviceState, { id }: Typed, devices: readonly DeviceState[]): boolean {
  const own = devices.filter(({ device }) => device.spec.person === spec.person);
  return own.some(({ device }) => device.ledger.changes.some(({ kind, target }) => kind === 'delete' && target === id));
}

function* stuck(state: DeviceState): Generator<string> {
  for (const { id, kind, state: waits, failure } of state.held?.outbox ?? [])
    yield `P5: ${kind} ${id} is ${waits} (${failure ?? 'no reason'}) in the outbox of ${nameOf(state)}`;
}

/**
 * P5: the messages of a device in a conversation stand in the order typed, within one life of its history. Those with files
 * may be overtaken while these are prepared.
 */
export const typedOrderIsKept: Rule = function* ({ logs, devices, world }) {
  // A device that comes when others have sent theirs again may find only later which of its own were lost.
  if (world.past.putBacks > 0) return;
  const said = indexSaid(logs);
  for (const { device } of devices) {
    const last = new Map<string, number>();
    for (const entry of device.ledger.typed) {
      const place = entry.file ? undefined : placeOf(said, entry);
      if (!place) continue;
      const { seq } = place.envelope;
      if (place.conversation !== entry.conversation)
        yield `P5: "${entry.text.slice(0, 40)}" is in another conversation`;
      const key = `${entry.conversation} ${entry.life}`;
      if (seq < (last.get(key) ?? 0)) yield `P5: "${entry.text.slice(0, 40)}" of ${device.index} came out of order`;
      last.set(key, seq);
    }
  }
};

function placeOf(said: Said, { id, text }: Typed): Place | undefined {
  return id === null ? said.byWords(text) : said.byId(id);
}

/** P1 and P3: under the id that the person's command answered stands what they typed, or what they made of it in time. */
export const idsAreThoseOfTheCommand: Rule = function* ({ logs, devices }) {
  const said = indexSaid(logs);
  for (const { device } of devices) {
    for (const { text, id } of device.ledger.typed) {
      const place = id === null ? undefined : said.byId(id);
      const words = place ? wordsOf(place) : text;
      const isEdited = device.ledger.changes.some((change) => change.target === id && change.text === words);
      if (words !== text && !isEdited)
        yield `P3: ${id} says "${words?.slice(0, 40)}" instead of "${text.slice(0, 40)}"`;
    }
  }
};

/** What was marked as read at a device that is logged in, and keeps its history, is read at the relay. */
export const readIsKept: Rule = function* ({ devices, audits }) {
  for (const { device, ...state } of devices) {
    if (!isSignedIn({ device, ...state })) continue;
    const { conversations } = audits[device.spec.person] ?? {};
    for (const [id, seq] of device.ledger.read) {
      const user = state.session?.state === 'signed-in' ? state.session.account.id : null;
      const read = conversations?.get(id)?.cursors.find((cursor) => cursor.user === user)?.read ?? 0;
      if (read < seq) yield `cursors: device ${device.index} read ${id} up to ${seq}, the relay has ${read}`;
    }
  }
};
