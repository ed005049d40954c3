/** Where the admin's socket of a data directory is. */
import { createHash } from 'node:crypto';
import { join, relative, resolve } from 'node:path';

/** `sockaddr_un` has 108 bytes on Linux and 104 on macOS, the closing zero included. */
const mostBytes = 103;

/** @returns null when the path is too long for a socket. */
export function adminSocketPath(dataDir: string): string | null {
  const folder = resolve(dataDir);
  if (process.platform === 'win32') {
    return `\\\\.\\pipe\\parley-relay-${createHash('sha256').update(folder.toLowerCase()).digest('hex').slice(0, 32)}`;
  }
  const full = join(folder, 'admin.sock');
  const short = relative(process.cwd(), full);
  return [full, short].find((path) => Buffer.byteLength(path) <= mostBytes) ?? null;
}
