/** Makes the profile's folder the one that Electron and Chromium keep their files in. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron';
import { ParleyError } from '../protocol/index.ts';
import type { Profile } from './profile.ts';

/** Before `ready`: Chromium's own files go to a folder inside the profile's. @throws ParleyError `storage_failed`. */
export function setupProfile({ dir }: Profile): void {
  const chromiumDir = join(dir, 'chromium');
  try {
    mkdirSync(chromiumDir, { recursive: true, mode: 0o700 });
    accessSync(dir, constants.W_OK);
  } catch (cause) {
    throw new ParleyError('storage_failed', {
      message: `Parley can’t write to ${dir}. Check that the disk has room and that the folder is yours, or choose another one: --data-dir FOLDER`,
      cause,
    });
  }
  app.setPath('userData', dir);
  app.setPath('sessionData', chromiumDir);
}
