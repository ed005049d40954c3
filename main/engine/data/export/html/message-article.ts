/** One message on an exported page, as it stands after all edits. */
import type { BlobId } from '../../../../../protocol/index.ts';
import type { KnownItem } from '../../../media/item-view.ts';
import type { ArchivedMessage } from '../../../storage/archive-table.ts';
import { fileFigure } from './file-figure.ts';
import { markup, type Markup } from './markup.ts';
import { timeOf } from './words.ts';

export interface ShownMessage {
  readonly message: ArchivedMessage;
  readonly items: readonly KnownItem[];
  readonly reactions: readonly { readonly emoji: string; readonly count: number }[];
  /** Paths of files in the export. */
  readonly paths: ReadonlyMap<BlobId, string>;
}

export function messageArticle({ message, items, reactions, paths }: ShownMessage): Markup {
  const { id, sender, own, time } = message;
  const name = sender.displayName || sender.username;
  return markup`<article class="${own ? 'own' : 'other'}" id="m-${id}">
<header><b dir="auto">${name}</b><time datetime="${new Date(time).toISOString()}">${timeOf(time)}</time></header>
${body(message, items, paths)}${marks(message, reactions)}</article>
`;
}

function body(message: ArchivedMessage, items: readonly KnownItem[], paths: ShownMessage['paths']): Markup {
  const { contentKind, text, deleted } = message;
  if (deleted) return markup`<p class="gone">This message was deleted.</p>`;
  if (contentKind === 'unsupported') return markup`<p class="gone">A newer version of Parley shows this message.</p>`;
  const figures = items.map((item) => fileFigure(item, item.blob ? (paths.get(item.blob) ?? null) : null));
  return markup`${quote(message)}${figures}${text ? markup`<p dir="auto">${text}</p>` : null}`;
}

/** A link to the answered message; it leads nowhere when that one stands on another page. */
function quote({ replyTo, quote: quoted }: ArchivedMessage): Markup | null {
  if (replyTo === null) return null;
  if (quoted === null) return markup`<blockquote class="gone">A message that was not on this computer.</blockquote>`;
  return markup`<blockquote><b dir="auto">${quoted.name}</b> <a href="#m-${replyTo}" dir="auto">${quoted.text || 'A message'}</a></blockquote>`;
}

function marks({ edited, deleted }: ArchivedMessage, reactions: ShownMessage['reactions']): Markup | null {
  if (deleted || (!edited && reactions.length === 0)) return null;
  const each = reactions.map(({ emoji, count }) => markup`<span>${emoji}${count > 1 ? ` ${count}` : ''}</span>`);
  return markup`<div class="marks">${each}${edited ? markup`Edited` : null}</div>`;
}
