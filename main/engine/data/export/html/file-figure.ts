/** A file of a message on an exported page: shown where that is safe, else a link, else a word on why it is not there. */
import { inlineType } from '../../../media/inline-type.ts';
import { mediaItemView, type KnownItem } from '../../../media/item-view.ts';
import { hrefTo, markup, type Markup } from './markup.ts';
import { lengthOf, sizeOf } from './words.ts';

/** @param path in the export; null for a file that is not in it. */
export function fileFigure(item: KnownItem, path: string | null): Markup {
  const { name, bytes, durationMs, dangerous, thumbnail } = mediaItemView(item, null);
  const facts = [sizeOf(bytes), ...(durationMs === null ? [] : [lengthOf(durationMs)])].join(', ');
  if (path === null) {
    const small = thumbnail === null ? null : markup`<img class="small" src="${thumbnail}" alt="">`;
    return markup`<figure>${small}<figcaption>${name} <span class="size">(${facts})</span>: not on this computer when it was exported</figcaption></figure>`;
  }
  const href = hrefTo(path, 1);
  const shown = dangerous ? null : shownFile(item, href);
  const warning = dangerous ? markup`. Opening it may run a program.` : null;
  return markup`<figure>${shown}<figcaption><a href="${href}" download="${name}">${name}</a> <span class="size">(${facts})</span>${warning}</figcaption></figure>`;
}

function shownFile({ kind, type, name, width, height }: KnownItem, href: string): Markup | null {
  if (inlineType(kind, type) === null) return null;
  switch (kind) {
    case 'picture': {
      const size = width && height ? markup` width="${width}" height="${height}"` : null;
      return markup`<a href="${href}"><img src="${href}" alt="${name}" loading="lazy"${size}></a>`;
    }
    case 'video':
      return markup`<video src="${href}" controls preload="metadata"></video>`;
    case 'voice':
    case 'audio':
      return markup`<audio src="${href}" controls preload="none"></audio>`;
    case 'file':
      return null;
  }
}
