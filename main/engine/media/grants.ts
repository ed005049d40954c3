/** Files that the person chose in a page: the page gets a name for each, and only the engine knows where it lies. */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename, isAbsolute } from 'node:path';
import type { FileGrant } from '../../../bridge/media-views.ts';
import { ParleyError } from '../../../protocol/index.ts';
import { safeName } from './safe-name.ts';

export interface Grants {
  /** @returns null for what is no file, or none that can be read. */
  grant(path: string): Promise<FileGrant | null>;
  /** @throws ParleyError `bad_request` for a grant that is not there. */
  pathOf(grant: string): string;
}

/** More than anybody chooses before sending; the oldest are forgotten first. */
const mostGrants = 5_000;

export function createGrants(): Grants {
  const paths = new Map<string, string>();
  return {
    async grant(path) {
      const bytes = isAbsolute(path) ? await readableBytes(path) : null;
      if (bytes === null) return null;
      const grant = randomUUID();
      paths.set(grant, path);
      const [oldest] = paths.keys();
      if (paths.size > mostGrants && oldest !== undefined) paths.delete(oldest);
      return { grant, name: safeName(basename(path)), bytes };
    },
    pathOf(grant) {
      const path = paths.get(grant);
      if (path === undefined) {
        throw new ParleyError('bad_request', { message: 'Parley does not know this file any more. Choose it again.' });
      }
      return path;
    },
  };
}

async function readableBytes(path: string): Promise<number | null> {
  try {
    await access(path, constants.R_OK);
    const found = await stat(path);
    return found.isFile() ? found.size : null;
  } catch {
    return null;
  }
}
