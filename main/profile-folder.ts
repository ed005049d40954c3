/** Makes the profile's folder the one that Electron and Chromium keep their files in. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron';
import type { Profile } from './profile.ts';

/** Before `ready`: Chromium's own files go to a folder inside the profile's. */
export function setupProfile({ dir }: Profile): void {
  const chromiumDir = join(dir, 'chromium');
  mkdirSync(chromiumDir, { recursive: true, mode: 0o700 });
  app.setPath('userData', dir);
  app.setPath('sessionData', chromiumDir);
}
