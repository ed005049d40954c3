/** Which addresses are pages of Parley, and which files are behind them. */
import { extname, join, resolve, sep } from 'node:path';

export const appScheme = 'parley-app';

/** The host of a page's address is the name of its folder. */
export const appPageOrigin = `${appScheme}://app`;
export const appPageUrl = `${appPageOrigin}/index.html`;

export const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** @returns the file behind an address, or null when it is none of a page's: other hosts, other types, other folders. */
export function pageFile(address: string, pagesDir: string): string | null {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.protocol !== `${appScheme}:` || url.host !== 'app') return null;
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

/** Requests of pages go to Parley's own files only; the engine alone talks to the network. */
export function isAllowedRequest(address: string): boolean {
  return (
    address.startsWith(`${appPageOrigin}/`) ||
    /^(blob:parley-app:\/\/app\/|data:|devtools:|chrome-extension:)/.test(address)
  );
}
