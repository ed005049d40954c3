/** Content as JSON that a person or a program can read, without keys and small pictures: those are in the payload. */
import type { Content, UnsupportedContent } from '../../../../protocol/index.ts';
import type { WaitingContent } from '../../media/draft.ts';

export function readableContent(content: Content | UnsupportedContent | WaitingContent): unknown {
  if (content.kind !== 'media') return content;
  const items = content.items.map(({ kind, name, type, bytes, width, height, durationMs }) => ({
    kind,
    name,
    type,
    bytes,
    width,
    height,
    durationMs,
  }));
  return { ...content, items };
}
