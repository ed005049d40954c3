/** From an envelope to what the store keeps of it: opened by the sealer, read, or kept as it is. */
import { decodeContent, type ConversationId, type Envelope } from '../../../protocol/index.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { Decoded } from '../storage/decoded.ts';

export interface DecodedEnvelope {
  readonly envelope: Envelope;
  readonly decoded: Decoded;
  /** The sealer's part of the transaction. */
  readonly storeSealer: () => void;
}

/** The kind of envelope that holds what people send. Others are of relays newer than this build. */
export const contentKind = 'content';

const nothingToStore = () => {};

/** Must be called in seq order within a conversation. */
export async function decodeEnvelope(
  sealer: Sealer,
  conversation: ConversationId,
  envelope: Envelope,
): Promise<DecodedEnvelope> {
  if (envelope.kind !== contentKind) return { envelope, decoded: null, storeSealer: nothingToStore };
  const { content, store } = await sealer.open(conversation, envelope);
  return { envelope, decoded: content ? decodedContent(content) : { kind: 'unsupported' }, storeSealer: store };
}

/** For a message that was opened before, in any order: without the sealer's state, where it can do without. */
export async function decodeAgain(
  sealer: Sealer,
  conversation: ConversationId,
  envelope: Envelope,
): Promise<DecodedEnvelope> {
  if (envelope.kind !== contentKind || !sealer.reopen) return decodeEnvelope(sealer, conversation, envelope);
  const content = await sealer.reopen(conversation, envelope);
  return {
    envelope,
    decoded: content ? decodedContent(content) : { kind: 'unsupported' },
    storeSealer: nothingToStore,
  };
}

export function decodedContent(bytes: Uint8Array): NonNullable<Decoded> {
  const content = decodeContent(bytes);
  if (content.kind === 'unsupported') return { kind: 'unsupported' };
  if (content.kind !== 'text' && content.kind !== 'media') return content;
  const { text = null, replyTo = null } = content;
  if (content.kind === 'text') return { kind: 'text', text: content.text, replyTo };
  return { kind: 'media', text, replyTo, items: content.items };
}
