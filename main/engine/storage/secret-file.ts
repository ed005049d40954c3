/** Keeps a secret in a file that only this user can read, where no keychain is at hand. */
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Secrets } from '../options.ts';

export function createSecretFile(file: string): Secrets {
  return {
    async load() {
      try {
        return await readFile(file, 'utf8');
      } catch (error) {
        if ((error as { code?: unknown }).code === 'ENOENT') return null;
        throw error;
      }
    },
    async save(secret) {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const fresh = `${file}.new`;
      const handle = await open(fresh, 'w', 0o600);
      try {
        await handle.writeFile(secret);
        await handle.sync();
      } finally {
        await handle.close();
      }
      if (process.platform !== 'win32') await chmod(fresh, 0o600);
      await rename(fresh, file);
    },
    erase: () => rm(file, { force: true }),
  };
}
