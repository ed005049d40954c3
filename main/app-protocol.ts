/** Serves the pages' own files under `parley-app://`, and nothing but them; no page is ever a `file:` page. */
import { readFile, realpath } from 'node:fs/promises';
import { extname, sep } from 'node:path';
import { protocol } from 'electron';
import { appScheme, contentTypes, pageFile } from './page-files.ts';

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "frame-src 'none'",
  "object-src 'none'",
  "worker-src 'none'",
].join('; ');

/** Before `ready`. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: appScheme, privileges: { standard: true, secure: true } }]);
}

/** After `ready`. @param pagesDir the built pages, one folder a page. */
export function serveAppPages(pagesDir: string): void {
  protocol.handle(appScheme, async ({ url, method }) => {
    const file = method === 'GET' ? pageFile(url, pagesDir) : null;
    return file === null ? notFound() : answerWith(file, pagesDir);
  });
}

async function answerWith(file: string, pagesDir: string): Promise<Response> {
  try {
    const [real, root] = await Promise.all([realpath(file), realpath(pagesDir)]);
    if (!real.startsWith(root + sep)) return notFound();
    return new Response(new Uint8Array(await readFile(real)), { headers: headersFor(file) });
  } catch {
    return notFound();
  }
}

function headersFor(file: string): Record<string, string> {
  return {
    'content-type': contentTypes[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-cache',
  };
}

function notFound(): Response {
  return new Response('Not found', { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}
