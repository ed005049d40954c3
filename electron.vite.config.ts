/** Builds the desktop app: the shell and the engine (Node), the preload (CommonJS, for sandboxed pages), the page. */
import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';

const at = (path: string) => resolve(import.meta.dirname, path);

export default defineConfig({
  main: {
    build: {
      outDir: at('build/desktop/main'),
      lib: {
        entry: {
          index: at('main/index.ts'),
          engine: at('main/engine/process.ts'),
          // A thread of the engine, found beside the file that starts it.
          'check-worker': at('main/engine/safekeeping/check-worker.ts'),
        },
        formats: ['es'],
      },
      rollupOptions: { output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' } },
    },
  },
  preload: {
    build: {
      outDir: at('build/desktop/preload'),
      lib: { entry: { preload: at('bridge/preload.ts') }, formats: ['cjs'] },
      rollupOptions: { output: { entryFileNames: '[name].cjs' } },
    },
  },
  renderer: {
    root: at('renderer/app'),
    plugins: [svelte()],
    build: {
      outDir: at('build/desktop/renderer/app'),
      emptyOutDir: true,
      minify: true,
      rollupOptions: { input: at('renderer/app/index.html') },
    },
  },
});
