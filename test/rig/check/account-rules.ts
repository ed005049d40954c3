/** Rules about what the devices of an account share: the last value in the log of the conversation with oneself stands. */
import { accountValueName, accountValueSchemas, type ConversationId } from '../../../protocol/index.ts';
import { isSignedIn, nameOf, type DeviceState, type Findings, type Rule } from './findings.ts';
import { contentOf } from './said.ts';

export const pinsAgree: Rule = function* (findings) {
  for (const state of findings.devices.filter(isSignedIn)) {
    const values = valuesOf(findings, state);
    for (const [conversation, pinnedAt] of state.pins ?? []) {
      const value = values.get(accountValueName('pin', conversation)) ?? null;
      const at = value === null ? null : (accountValueSchemas.pin.safeParse(JSON.parse(value)).data?.at ?? null);
      if (pinnedAt !== at)
        yield `account: ${nameOf(state)} has ${conversation} pinned at ${pinnedAt}, the log at ${at}`;
    }
  }
};

/** A draft is one that the person typed there; after the last round it is the one that their devices agreed on. */
export const draftsAreKept: Rule = function* (findings) {
  for (const state of findings.devices) {
    const person = findings.devices.filter(({ device }) => device.spec.person === state.device.spec.person);
    for (const [conversation, draft] of state.held?.drafts ?? []) {
      const typed = person.flatMap(({ device }) => device.ledger.drafts.get(conversation as ConversationId) ?? []);
      if (!typed.includes(draft)) yield `drafts: ${nameOf(state)} has "${draft}", which nobody typed there`;
    }
    if (findings.isLast && isSignedIn(state)) yield* agreedDrafts(findings, state);
  }
};

function* agreedDrafts(findings: Findings, state: DeviceState): Generator<string> {
  const values = valuesOf(findings, state);
  for (const conversation of findings.audits[state.device.spec.person]?.conversations.keys() ?? []) {
    const value = values.get(accountValueName('draft', conversation)) ?? null;
    const agreed = value === null ? '' : (accountValueSchemas.draft.safeParse(JSON.parse(value)).data?.text ?? '');
    const draft = state.held?.drafts.get(conversation) ?? '';
    if (draft !== agreed) yield `drafts: ${nameOf(state)} has "${draft}" in ${conversation}, the log "${agreed}"`;
  }
}

/** By name: what the log of the account's conversation with itself comes to. */
function valuesOf({ world, audits, conversations }: Findings, { device }: DeviceState): Map<string, string | null> {
  const person = device.spec.person;
  const self = world.people[person]?.auditor.user.id;
  const values = new Map<string, string | null>();
  for (const [id, log] of audits[person]?.logs ?? []) {
    const isOwn = conversations.get(id)?.cursors.every(({ user }) => user === self) ?? false;
    for (const envelope of isOwn ? log : []) {
      const content = contentOf(envelope);
      if (content?.kind === 'account') for (const { name, value } of content.values) values.set(name, value);
    }
  }
  return values;
}
