/** Keeps pictures of windows as test output. */
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { projectDir } from '../../scripts/project.ts';

/** @returns the file, in `test-results/screenshots`. */
export async function screenshot(page: Page, name: string): Promise<string> {
  const path = join(projectDir, 'test-results/screenshots', `${name}.png`);
  await page.screenshot({ path });
  return path;
}
