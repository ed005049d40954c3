/** Serves the pages' own files under `parley-app://`, and nothing but them; no page is ever a `file:` page. */
import { readFile, realpath } from 'node:fs/promises';
import { extname, sep } from 'node:path';
import { protocol } from 'electron';
import { mediaScheme } from '../bridge/media-address.ts';
import { appScheme, isOfPage, peerPageOrigin } from '../bridge/page-addresses.ts';
import { contentTypes, pageFile } from './page-files.ts';

const nothingElse = ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "frame-src 'none'"];

const appPagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  `img-src 'self' data: blob: ${mediaScheme}:`,
  `media-src 'self' blob: ${mediaScheme}:`,
  "connect-src 'self'",
  "object-src 'none'",
  "worker-src 'none'",
  ...nothingElse,
].join('; ');

/** WebRTC is all that this page does, and no policy's business. */
const peerPagePolicy = ["default-src 'none'", "script-src 'self'", ...nothingElse].join('; ');

/** After `ready`. @param pagesDir the built pages, one folder a page. */
export function serveAppPages(pagesDir: string): void {
  protocol.handle(appScheme, async ({ url, method }) => {
    const file = method === 'GET' ? pageFile(url, pagesDir) : null;
    return file === null ? notFound() : answerWith(file, pagesDir, url);
  });
}

async function answerWith(file: string, pagesDir: string, url: string): Promise<Response> {
  try {
    const [real, root] = await Promise.all([realpath(file), realpath(pagesDir)]);
    if (!real.startsWith(root + sep)) return notFound();
    return new Response(new Uint8Array(await readFile(real)), { headers: headersFor(file, url) });
  } catch {
    return notFound();
  }
}

function headersFor(file: string, url: string): Record<string, string> {
  return {
    'content-type': contentTypes[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': isOfPage(peerPageOrigin, url) ? peerPagePolicy : appPagePolicy,
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-cache',
  };
}

function notFound(): Response {
  return new Response('Not found', {
    status: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'content-security-policy': "default-src 'none'" },
  });
}
