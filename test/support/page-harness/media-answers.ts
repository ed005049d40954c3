/** Answers the addresses of files in the shell's place: asks the harness page for the bytes, and gives ranges of them. */
import type { BrowserContext, Route } from '@playwright/test';
import { mediaScheme } from '../../../bridge/media-address.ts';

interface Made {
  readonly type: string;
  readonly bytes: Buffer;
}

export async function answerMedia(context: BrowserContext): Promise<void> {
  const made = new Map<string, Promise<Made | null>>();
  await context.route(`${mediaScheme}://**`, async (route) => {
    const address = route.request().url();
    const known = made.get(address) ?? makeIn(route, address);
    made.set(address, known);
    await fulfil(route, await known).catch(() => undefined);
  });
}

async function makeIn(route: Route, address: string): Promise<Made | null> {
  const page = route.request().frame().page();
  const answer = await page.evaluate((of) => harness.media(of), address);
  return answer && { type: answer.type, bytes: Buffer.from(answer.base64, 'base64') };
}

function fulfil(route: Route, made: Made | null): Promise<void> {
  if (!made) return route.fulfill({ status: 404 });
  const { type, bytes } = made;
  const asked = /^bytes=(\d+)-(\d*)$/.exec(route.request().headers()['range'] ?? '');
  const from = Number(asked?.[1] ?? 0);
  const to = Math.min(bytes.length - 1, asked?.[2] ? Number(asked[2]) : bytes.length - 1);
  const headers = { 'content-type': type, 'accept-ranges': 'bytes', 'access-control-allow-origin': '*' };
  if (!asked) return route.fulfill({ status: 200, headers, body: bytes });
  const range = { 'content-range': `bytes ${from}-${to}/${bytes.length}` };
  return route.fulfill({ status: 206, headers: { ...headers, ...range }, body: bytes.subarray(from, to + 1) });
}
