/** What a person may do with a message, by what it is and how far it got. Pure. */
import type { ContentView, MessageView } from '../../../bridge/views.ts';

/** Its words or its caption. */
export function textOf(content: ContentView): string {
  return content.kind === 'text' || content.kind === 'media' ? content.text : '';
}

/** Others have it, and it is still there: it can be replied to and reacted to. */
export function mayAnswer({ seq, content }: MessageView): boolean {
  return seq !== null && content.kind !== 'deleted';
}

/** Own words and captions; what failed is sent again or discarded instead. */
export function mayEdit({ own, state, content }: MessageView): boolean {
  if (!own || state === 'failed') return false;
  if (content.kind === 'text') return true;
  return content.kind === 'media' && (content.text !== '' || content.items.every(({ kind }) => kind !== 'voice'));
}

export function mayDelete({ own, state, content }: MessageView): boolean {
  return own && state !== 'failed' && content.kind !== 'deleted';
}

/** What editing it is called. */
export function editWords(content: ContentView): string {
  if (content.kind !== 'media') return 'Edit';
  return content.text === '' ? 'Add caption' : 'Edit caption';
}

/** The last of one's own that can be edited: what the key "up" goes to from an empty field. */
export function lastEditable(messages: readonly MessageView[]): MessageView | undefined {
  return messages.findLast((message) => message.own && message.content.kind !== 'deleted' && mayEdit(message));
}

export function ownReactions({ reactions }: MessageView): string[] {
  return reactions.filter(({ own }) => own).map(({ emoji }) => emoji);
}
