/** Builds the hidden peer page into a folder of its own; electron-vite builds one page, the app's. */
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const at = (path: string) => resolve(import.meta.dirname, path);

export default defineConfig({
  root: at('renderer/peer'),
  base: './',
  build: {
    outDir: at('build/desktop/renderer/peer'),
    emptyOutDir: true,
    target: 'chrome130',
    modulePreload: false,
  },
});
