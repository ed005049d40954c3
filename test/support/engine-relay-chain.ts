/** The chains of the relay in the test's hands, computed the plain way: from the first message on, each time. */
import { createHash } from 'node:crypto';
import {
  chainLink,
  chainStart,
  type ClientFrame,
  type ConversationId,
  type Envelope,
  type FrameOf,
  type RelayFrame,
} from '../../protocol/index.ts';

export type Chained = FrameOf<RelayFrame, 'chained'>;
export type ChainWord = Chained['devices'][number];

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** The links of a log; the one at place 0 is that before the first message. */
export function linksOf(conversation: ConversationId, messages: readonly Envelope[]): Uint8Array[] {
  const links = [sha256(chainStart(conversation))];
  for (const { seq, device, id, payload } of messages) {
    const previous = links.at(-1) ?? new Uint8Array();
    links.push(sha256(chainLink(previous, { seq, device, id, payloadHash: sha256(payload) })));
  }
  return links;
}

export function chainedAnswer(
  { ref, conversation, seqs }: FrameOf<ClientFrame, 'chain'>,
  messages: readonly Envelope[],
  devices: ChainWord[],
): Chained {
  const all = linksOf(conversation, messages);
  const head = messages.length;
  const links = seqs.flatMap((asked) => {
    const seq = asked === 0 ? head : asked;
    const link = all[seq];
    return link && seq > 0 ? [{ seq, link }] : [];
  });
  return { type: 'chained', ref, conversation, head, links, devices };
}
