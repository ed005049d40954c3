/** Rules about changes that people made: what the command promised shows in the log, or gave way to a later change. */
import type { TypedChange } from '../device/ledger.ts';
import { isSignedIn, nameOf, type DeviceState, type Findings, type Rule } from './findings.ts';
import type { Shown } from './model.ts';
import { indexSaid, type Said } from './said.ts';

/** P5 for edits and deletions. A later change of the same message at the same device may stand for an earlier one. */
export const changesAreKept: Rule = function* (findings) {
  const said = indexSaid(findings.logs);
  for (const state of findings.devices.filter(isSignedIn)) {
    const { changes } = state.device.ledger;
    for (const [index, change] of changes.entries()) {
      if (change.promise === 'open' || change.excuse !== null) continue;
      const isGone = findings.world.past.putBacks > 0 && isDeletedByOwn(findings, state, change);
      const later = isGone || changes.slice(index + 1).some((other) => replaces(other, change));
      const wrong = later ? null : missing(change, said, findings);
      if (wrong) yield `P5: ${nameOf(state)}: ${wrong}`;
    }
  }
};

/** Edits of what another device of the person deleted are erased, and not sent again to a relay that lost them. */
function isDeletedByOwn({ devices }: Findings, { device: { spec } }: DeviceState, { target }: TypedChange): boolean {
  const own = devices.filter(({ device }) => device.spec.person === spec.person);
  return own.some(({ device: { ledger } }) =>
    ledger.changes.some((other) => other.kind === 'delete' && other.target === target),
  );
}

function replaces(later: TypedChange, { kind, target }: TypedChange): boolean {
  if (later.target !== target) return false;
  return later.kind === 'delete' || (later.kind === 'edit' && kind === 'edit');
}

function missing({ kind, text, target, conversation }: TypedChange, said: Said, { shown }: Findings): string | null {
  const found = target === null ? undefined : shown.get(conversation)?.get(target);
  if (kind === 'edit' && !said.byWords(text)) return `the edit "${text}" of ${target} is not in the log`;
  if (kind === 'delete' && found && found.kind !== 'deleted') return `${target} was deleted and is there`;
  return null;
}

/** Of reactions and pins the last one stands, where one device of the person did them all and lost none. */
export const lastWordsStand: Rule = function* (findings) {
  for (const [index] of findings.world.people.entries()) {
    const devices = findings.devices.filter(({ device }) => device.spec.person === index);
    for (const state of devices.filter(isSignedIn)) {
      if (state.device.ledger.life > 0) continue;
      const others = devices.filter((other) => other !== state);
      for (const last of lastOnes(state, others)) {
        const is = standing(findings, state, last);
        if (is !== null && is !== last.on)
          yield `P5: ${nameOf(state)}: the ${last.kind} ${last.text} of ${last.target ?? last.conversation} is ${is}`;
      }
    }
  }
};

function lastOnes({ device }: DeviceState, others: readonly DeviceState[]): TypedChange[] {
  const theirs = new Set(others.flatMap((other) => other.device.ledger.changes.map(keyOf)));
  const last = new Map<string, TypedChange>();
  const open = new Set<string>();
  for (const change of device.ledger.changes) {
    if (change.promise === 'open') open.add(keyOf(change));
    if (change.kind === 'reaction' || change.kind === 'pin') last.set(keyOf(change), change);
  }
  return [...last].flatMap(([key, change]) => (theirs.has(key) || open.has(key) ? [] : [change]));
}

const keyOf = ({ kind, conversation, target, text }: TypedChange): string =>
  `${kind} ${conversation} ${target ?? ''} ${text}`;

/** @returns null where nothing can be said of it. */
function standing(findings: Findings, state: DeviceState, change: TypedChange): boolean | null {
  // One that nothing was said in is not listed, and not pinned then.
  if (change.kind === 'pin') return state.pins ? (state.pins.get(change.conversation) ?? null) !== null : null;
  const target: Shown | undefined = change.target
    ? findings.shown.get(change.conversation)?.get(change.target)
    : undefined;
  if (!target || target.kind === 'deleted') return null;
  const self = findings.world.people[state.device.spec.person]?.auditor.user.id;
  return self !== undefined && (target.reactions.get(change.text)?.has(self) ?? false);
}
