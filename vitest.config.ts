/** Vitest: one project a kind of test, so that each can be run alone (`npx vitest run --project unit`). */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

function project(name: string, testTimeout: number) {
  return { test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: 30_000 } };
}

export default defineConfig({
  plugins: [svelte()],
  test: {
    projects: [
      project('unit', 10_000),
      project('contracts', 30_000),
      project('integration', 60_000),
      project('faults', 120_000),
    ],
    maxWorkers: 2,
  },
});
