/** Bundles the relay into plain JavaScript files that need only Node and the two native packages. */
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const at = (path: string) => resolve(import.meta.dirname, path);

export default defineConfig({
  root: import.meta.dirname,
  ssr: { noExternal: true, external: ['better-sqlite3', '@node-rs/argon2'] },
  build: {
    ssr: true,
    target: 'node22',
    outDir: at('../build/relay'),
    emptyOutDir: true,
    rollupOptions: {
      input: { index: at('index.ts'), 'checkpoint-worker': at('adapters/sqlite/checkpoint-worker.ts') },
      output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
});
