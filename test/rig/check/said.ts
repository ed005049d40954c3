/** What stands in the relay's logs, opened: the words of each message, and where they are. */
import {
  decodeContent,
  type Content,
  type ConversationId,
  type Envelope,
  type MessageId,
  type UnsupportedContent,
} from '../../../protocol/index.ts';

type Logs = ReadonlyMap<ConversationId, readonly Envelope[]>;

export interface Place {
  readonly conversation: ConversationId;
  readonly envelope: Envelope;
  readonly content: Content | UnsupportedContent | null;
}

/** What the plain sealer wrote. @returns null for bytes that it did not write. */
export function contentOf({ payload }: Pick<Envelope, 'payload'>): Content | UnsupportedContent | null {
  return payload[0] === 0 ? decodeContent(payload.subarray(1)) : null;
}

export function* allPlaces(logs: Logs): Generator<Place> {
  for (const [conversation, log] of logs) {
    for (const envelope of log) yield { conversation, envelope, content: contentOf(envelope) };
  }
}

/** A text, a caption, or the new text of an edit; null where there are no words. */
export function wordsOf({ content }: Place): string | null {
  if (content?.kind === 'text' || content?.kind === 'edit') return content.text;
  return content?.kind === 'media' ? (content.text ?? null) : null;
}

export interface Said {
  byId(id: MessageId): Place | undefined;
  byWords(words: string): Place | undefined;
}

export function indexSaid(logs: Logs): Said {
  const ids = new Map<MessageId, Place>();
  const words = new Map<string, Place>();
  for (const place of allPlaces(logs)) {
    ids.set(place.envelope.id, place);
    const found = wordsOf(place);
    if (found !== null) words.set(found, place);
  }
  return { byId: (id) => ids.get(id), byWords: (text) => words.get(text) };
}
