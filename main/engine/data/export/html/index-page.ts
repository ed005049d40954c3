/** The first page of an export: whose it is, and the way to each conversation. */
import type { ExportHead } from '../export-format.ts';
import { pageEnd, pageStart } from './frame.ts';
import { hrefTo, markup, type Markup } from './markup.ts';
import { counted, dayOf, timeOf } from './words.ts';

export function indexPage(head: ExportHead): string {
  const { account, relay, conversations, messages, files } = head;
  const time = Date.parse(head.exportedAt);
  const title = `Messages of ${account.displayName || account.username}`;
  const sums = `${counted(messages, 'message', 'messages')} and ${counted(files, 'file', 'files')}`;
  return markup`${pageStart(title)}
    <h1 dir="auto">${title}</h1>
    <p class="about">${account.username} on ${relay.name}, ${dayOf(time)}, ${timeOf(time)}. ${sums}.${missing(head)}</p>
    ${
      conversations.length === 0
        ? markup`<p class="none">There are no conversations.</p>`
        : markup`<ul>
            ${conversations.map(row)}
          </ul>`
    }
    ${pageEnd()}`.html;
}

function row({ title, page, messages }: ExportHead['conversations'][number]): Markup {
  return markup`<li>
    <a href="${hrefTo(page, 0)}"><b dir="auto">${title}</b><span>${counted(messages, 'message', 'messages')}</span></a>
  </li> `;
}

function missing({ missingFiles }: ExportHead): Markup | null {
  if (missingFiles === 0) return null;
  return markup` ${counted(missingFiles, 'file was', 'files were')} not on this computer and could not be included.`;
}
