/** Playwright for the desktop app: one worker, because every test owns real windows on one screen. */
import { resolve } from 'node:path';
import { defineConfig } from '@playwright/test';

const projectDir = resolve(import.meta.dirname, '../..');

export default defineConfig({
  testDir: import.meta.dirname,
  testMatch: '*.spec.ts',
  outputDir: resolve(projectDir, 'test-results/e2e'),
  globalSetup: resolve(projectDir, 'test/support/electron-display.ts'),
  reporter: [['line']],
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
});
