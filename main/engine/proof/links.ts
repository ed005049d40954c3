/** The links of a conversation's chain (protocol/chain.ts), computed with this machine's SHA-256. */
import { hash } from 'node:crypto';
import { chainLink, chainStart, type ChainedMessage, type ConversationId } from '../../../protocol/index.ts';

export type Link = Uint8Array;

/** The chain as far as one seq. */
export interface ChainPoint {
  readonly seq: number;
  readonly link: Link;
}

export function sha256(bytes: Uint8Array): Link {
  return hash('sha256', bytes, 'buffer');
}

/** Before the first message. */
export function chainOrigin(conversation: ConversationId): ChainPoint {
  return { seq: 0, link: sha256(chainStart(conversation)) };
}

/** @param message the one right after the point. */
export function chainAfter({ link }: ChainPoint, message: ChainedMessage): ChainPoint {
  return { seq: message.seq, link: sha256(chainLink(link, message)) };
}

export function sameLink(one: Link, other: Link): boolean {
  return Buffer.compare(one, other) === 0;
}
