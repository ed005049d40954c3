/** Builds and serves the harness page and opens its scenes in a Chromium given by path. */
import { resolve } from 'node:path';
import { chromium, type Browser, type Page } from '@playwright/test';
import { build, preview } from 'vite';
import type { Settings } from '../../../bridge/shell-contract.ts';
import { answerMedia } from './media-answers.ts';
import type { SceneName } from './scenes.ts';

const configFile = resolve(import.meta.dirname, 'vite.config.ts');

/** The microphone is a made-up one that beeps, and nobody is asked for it. */
const args = ['--no-sandbox', '--headless=new', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

export interface HarnessBrowser {
  readonly browser: Browser;
  readonly origin: string;
  close(): Promise<void>;
}

/** @param rebuild without it the last build is served */
export async function startHarness(executablePath: string, rebuild = true): Promise<HarnessBrowser> {
  if (rebuild) await build({ configFile });
  const server = await preview({ configFile, preview: { host: '127.0.0.1', port: 0 } });
  const origin = server.resolvedUrls?.local[0] ?? '';
  const browser = await chromium.launch({ executablePath, args });
  return {
    browser,
    origin,
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

interface SceneOptions {
  readonly scene: SceneName;
  readonly width?: number;
  readonly height?: number;
  readonly settings?: Partial<Settings>;
  readonly query?: string;
}

/** Opens a scene; everything the page complains about goes into `complaints`. */
export async function openScene(
  { browser, origin }: HarnessBrowser,
  { scene, width = 1_600, height = 1_000, settings = {}, query = '' }: SceneOptions,
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width, height }, locale: 'en-GB' });
  await answerMedia(context);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (/error|warning/.test(message.type()) && !message.text().includes('404')) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.stack ?? String(error)));
  await page.goto(`${origin}?scene=${scene}&settings=${encodeURIComponent(JSON.stringify(settings))}${query}`);
  return { page, complaints };
}
