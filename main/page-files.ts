/** Which addresses are pages of Parley, and which files are behind them. */
import { extname, join, resolve, sep } from 'node:path';
import { mediaScheme } from '../bridge/media-address.ts';
import { appPageOrigin, appScheme, isOfPage, peerPageOrigin } from '../bridge/page-addresses.ts';

export const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** The pages' folders. */
const pages: readonly string[] = ['app', 'peer'];

/** @returns the file behind an address, or null when it is none of a page's: other hosts, other types, other folders. */
export function pageFile(address: string, pagesDir: string): string | null {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.protocol !== `${appScheme}:` || !pages.includes(url.host)) return null;
  const path = decodePath(url.pathname);
  if (path === null || /[\\\0]/.test(path)) return null;
  const pageDir = join(resolve(pagesDir), url.host);
  const file = resolve(pageDir, `.${path}`);
  return file.startsWith(pageDir + sep) && extname(file) in contentTypes ? file : null;
}

function decodePath(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

/**
 * Requests of pages go to their own files only, and the app page's to files of messages too; the engine alone talks to
 * the network.
 * @param asking the address of the frame that asks; null when no page does, as for the first request of a new one.
 */
export function isAllowedRequest(address: string, asking: string | null): boolean {
  if (/^(data:|devtools:|chrome-extension:)/.test(address)) return true;
  if (asking === null) return isOfPage(appPageOrigin, address) || isOfPage(peerPageOrigin, address);
  if (isOfPage(peerPageOrigin, asking)) return isOfPage(peerPageOrigin, address);
  if (!isOfPage(appPageOrigin, asking)) return false;
  return [appPageOrigin, `blob:${appPageOrigin}`, `${mediaScheme}://file`].some((own) => isOfPage(own, address));
}
