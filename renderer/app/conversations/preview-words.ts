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
  /** The words stand for something that is not there: they lean. */
  readonly leaning: boolean;
}

export function previewLine(preview: Preview | null): PreviewLine {
  if (preview?.kind === 'unsupported') return wordsAlone(unsupportedWords, true);
  if (preview?.kind === 'deleted') return wordsAlone('Message deleted', true);
  if (!preview?.media) return wordsAlone(preview?.text ?? '', false);
  const { text, media } = preview;
  const said = summaryWords(media);
  const icon = mediaIcon(media.kind, '', media.count > 1 ? '' : media.name);
  if (text === '') return { words: said, icon, iconWords: null, leaning: false };
  return { words: text, icon, iconWords: said, leaning: false };
}

function wordsAlone(words: string, leaning: boolean): PreviewLine {
  return { words, icon: null, iconWords: null, leaning };
}
