/** Bundles the relay into plain JavaScript files that need only Node and the two native packages. */
import { chmodSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import packageJson from '../package.json' with { type: 'json' };

const at = (path: string) => resolve(import.meta.dirname, path);
const outDir = at('../build/relay');

/** `parley-relay` is started by its name. */
function executableEntry(): Plugin {
  return { name: 'executable-entry', writeBundle: () => chmodSync(resolve(outDir, 'index.js'), 0o755) };
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [executableEntry()],
  define: { __PARLEY_VERSION__: JSON.stringify(packageJson.version) },
  ssr: { noExternal: true, external: ['better-sqlite3', '@node-rs/argon2'] },
  build: {
    ssr: true,
    target: 'node22',
    outDir,
    emptyOutDir: true,
    rollupOptions: {
      input: {
        index: at('index.ts'),
        'checkpoint-worker': at('adapters/sqlite/checkpoint-worker.ts'),
        'integrity-worker': at('adapters/sqlite/integrity-worker.ts'),
      },
      // All in one folder: the workers are found beside the file that starts them.
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
});
