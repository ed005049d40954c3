/** Builds the real page with the harness in front of its entry, under the page's own content security policy. */
import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

const repository = resolve(import.meta.dirname, '../../..');

const harnessFirst: Plugin = {
  name: 'parley-page-harness',
  transformIndexHtml: {
    order: 'pre',
    handler: (html) =>
      html.replace(
        '<script',
        '<script type="module" src="../../test/support/page-harness/install.ts"></script>\n    <script',
      ),
  },
};

export default defineConfig({
  root: resolve(repository, 'renderer/app'),
  plugins: [svelte(), harnessFirst],
  logLevel: 'warn',
  build: {
    outDir: process.env['PARLEY_HARNESS_DIR'] ?? resolve(repository, 'build/page-harness'),
    emptyOutDir: true,
    target: 'chrome130',
  },
});
