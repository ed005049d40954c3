/** Where the built app's own files lie, in a checkout as in a package. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ParleyError } from '../protocol/index.ts';

export interface AppFiles {
  readonly engineEntry: string;
  readonly preload: string;
  /** One folder a page. */
  readonly pagesDir: string;
  /** Small images for tray, dock and task bar. */
  readonly trayDir: string;
  readonly icon: string;
  /** The documentation's address, as package.json names it; null when it names none. */
  readonly homepage: string | null;
}

const packageSchema = z.object({
  homepage: z
    .url({ protocol: /^https$/ })
    .optional()
    .catch(undefined),
});

/**
 * @param appDir the folder (or archive) with the app's package.json.
 * @throws ParleyError when the page is not there, in which case no window could ever show.
 */
export function locateAppFiles(appDir: string): AppFiles {
  const built = join(appDir, 'build/desktop');
  if (!existsSync(join(built, 'renderer/app/index.html'))) {
    throw new ParleyError('internal', {
      message: `Files of the app are missing in ${built}. Install Parley again, or build it with: npm run build`,
    });
  }
  const resources = join(appDir, 'main/resources');
  return {
    engineEntry: join(built, 'main/engine.js'),
    preload: join(built, 'preload/preload.cjs'),
    pagesDir: join(built, 'renderer'),
    trayDir: join(resources, 'tray'),
    icon: join(resources, 'icons/256x256.png'),
    homepage: readHomepage(join(appDir, 'package.json')),
  };
}

function readHomepage(packageFile: string): string | null {
  try {
    return packageSchema.parse(JSON.parse(readFileSync(packageFile, 'utf8'))).homepage ?? null;
  } catch {
    return null;
  }
}
