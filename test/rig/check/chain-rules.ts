/** P6: the chain that the rig folds from the relay's log is the relay's, each device's, and what devices signed off. */
import { createHash } from 'node:crypto';
import {
  chainLink,
  chainStart,
  type ChainedMessage,
  type ConversationId,
  type Envelope,
} from '../../../protocol/index.ts';
import { isSignedIn, nameOf, type Findings, type Rule } from './findings.ts';
import type { Held } from './held.ts';

/** By seq, from the link before the first message on, in hex. */
type Links = readonly string[];

export const chainsAreEqual: Rule = function* (findings) {
  for (const [conversation, log] of findings.logs) {
    const links = fold(conversation, log.map(linked));
    yield* relayAgrees(findings, conversation, links);
    for (const state of findings.devices) {
      if (!state.held) continue;
      for (const wrong of deviceAgrees(state.held, conversation, links)) yield `P6: ${nameOf(state)}: ${wrong}`;
    }
  }
  yield* nobodySeesADifference(findings);
};

function* relayAgrees({ audits }: Findings, conversation: ConversationId, links: Links): Generator<string> {
  for (const { chains } of audits) {
    const chained = chains.get(conversation);
    for (const { seq, link } of chained?.links ?? [])
      if (hex(link) !== links[seq]) yield `P6: the relay’s link ${seq} of ${conversation} is another`;
    for (const { device, seq, link } of chained?.devices ?? [])
      if (hex(link) !== links[seq]) yield `P6: ${device} signed off another link ${seq} of ${conversation}`;
  }
}

function* deviceAgrees(held: Held, conversation: ConversationId, links: Links): Generator<string> {
  const stored = held.conversations.find(({ id }) => id === conversation)?.stored ?? 0;
  const messages = (held.messages.get(conversation) ?? []).filter(({ seq }) => seq <= stored);
  const own = fold(
    conversation,
    messages.map((message) => ({ ...message, payloadHash: message.payloadHash ?? sha256(message.payload) })),
  );
  if (own.at(-1) !== links[stored]) yield `its own messages of ${conversation} up to ${stored} make another chain`;
  for (const { seq, link } of held.checkpoints.get(conversation) ?? [])
    if (hex(link) !== links[seq]) yield `it keeps another link ${seq} of ${conversation}`;
}

/** What the app itself says of it. */
function* nobodySeesADifference({ devices, world }: Findings): Generator<string> {
  for (const state of devices.filter(isSignedIn)) {
    for (const { conversation, state: is, problem, devices: others } of state.syncs ?? []) {
      // Others' messages that are lost are a difference, and told; that they came back is seen a minute later at most.
      const isTold = problem?.code === 'relay_behind' && world.past.putBacks > 0;
      if (is === 'different' && !isTold)
        yield `P6: ${nameOf(state)} shows ${conversation} as different: ${problem?.code}`;
      for (const other of others)
        if (other.state === 'different') yield `P6: ${nameOf(state)} shows ${other.device} as different`;
    }
  }
}

function fold(conversation: ConversationId, messages: readonly ChainedMessage[]): Links {
  let link: Uint8Array = sha256(chainStart(conversation));
  const links = [hex(link)];
  for (const message of messages) {
    link = sha256(chainLink(link, message));
    links.push(hex(link));
  }
  return links;
}

function linked({ seq, device, id, payload }: Envelope): ChainedMessage {
  return { seq, device, id, payloadHash: sha256(payload) };
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
