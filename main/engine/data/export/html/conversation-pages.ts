/** The web pages of one conversation, oldest message first, cut where a page would grow too long for a browser. */
import { join } from 'node:path';
import { createTextFile, type TextFile } from '../text-file.ts';
import { pageEnd, pageStart } from './frame.ts';
import { hrefTo, markup, type Markup } from './markup.ts';
import { messageArticle, type ShownMessage } from './message-article.ts';
import { dayOf } from './words.ts';

export interface ConversationPages {
  add(message: ShownMessage): Promise<void>;
  /** All pages are on disk when it resolves; there is at least one. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

interface PagesOptions {
  readonly folder: string;
  /** Of the first page, without its ending. */
  readonly name: string;
  readonly title: string;
  readonly messagesPerPage?: number;
}

export function createConversationPages(options: PagesOptions): ConversationPages {
  const { folder, name, title, messagesPerPage = 2_000 } = options;
  let file: TextFile | null = null;
  let page = 0;
  let onPage = 0;
  let day = '';

  const pageName = (number: number) => (number === 1 ? `${name}.html` : `${name} - ${number}.html`);

  async function open(): Promise<TextFile> {
    page++;
    onPage = 0;
    day = '';
    const opened = await createTextFile(join(folder, pageName(page)));
    file = opened;
    await opened.write(pageStart(page === 1 ? title : `${title} (${page})`).html);
    await opened.write(
      markup`<nav><a href="../index.html">All conversations</a>${earlier()}</nav>\n<h1 dir="auto">${title}</h1>\n`.html,
    );
    return opened;
  }

  const earlier = (): Markup | null =>
    page === 1 ? null : markup`<a href="${hrefTo(pageName(page - 1), 0)}" rel="prev">Earlier messages</a>`;
  const later = (): Markup => markup`<a href="${hrefTo(pageName(page + 1), 0)}" rel="next">Later messages</a>`;

  async function end(opened: TextFile, hasMore: boolean): Promise<void> {
    await opened.write(
      markup`<nav><a href="#top">Back to the top</a>${hasMore ? later() : earlier()}</nav>\n${pageEnd()}`.html,
    );
    await opened.finish();
    file = null;
  }

  return {
    async add(shown) {
      if (file && onPage === messagesPerPage) await end(file, true);
      const opened = file ?? (await open());
      onPage++;
      const today = dayOf(shown.message.time);
      if (today !== day) await opened.write(markup`<h2>${today}</h2>\n`.html);
      day = today;
      await opened.write(messageArticle(shown).html);
    },
    async finish() {
      const opened = file ?? (await open());
      if (onPage === 0) await opened.write(markup`<p class="none">There are no messages here.</p>`.html);
      await end(opened, false);
    },
    close: async () => file?.close(),
  };
}
