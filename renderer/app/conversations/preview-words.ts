/** The last message of a conversation in one line, with a sign for files. */
import type { ConversationView } from '../../../bridge/views.ts';
import { unsupportedWords } from '../chat/message-words.ts';
import { mediaIcon, summaryWords, type MediaIcon } from '../media/media-words.ts';

type Preview = NonNullable<ConversationView['preview']>;

export interface PreviewLine {
  readonly words: string;
  readonly icon: MediaIcon | null;
  /** What the sign says, where the words are a caption; null where they say it themselves. */
  readonly iconWords: string | null;
}

export function previewLine(preview: Preview | null): PreviewLine {
  if (preview?.kind === 'unsupported') return { words: unsupportedWords, icon: null, iconWords: null };
  if (!preview?.media) return { words: preview?.text ?? '', icon: null, iconWords: null };
  const { text, media } = preview;
  const said = summaryWords(media);
  const icon = mediaIcon(media.kind, '', media.count > 1 ? '' : media.name);
  return text === '' ? { words: said, icon, iconWords: null } : { words: text, icon, iconWords: said };
}
