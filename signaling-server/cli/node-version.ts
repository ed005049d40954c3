/** Whether this Node can load the database's native code: an older one would crash in the attempt. */
import { spawnSync } from 'node:child_process';

/** What the prebuilt better-sqlite3 needs; Node 22.14 is the first to have it. */
const neededApi = 10;
const trial = `new (require('better-sqlite3'))(':memory:').close()`;

/** @returns one line for the admin, or null. A binary built on this machine for an older Node is tried, in a process of its own. */
export function nodeFault(versions: NodeJS.ProcessVersions = process.versions): string | null {
  if (Number(versions['napi'] ?? 0) >= neededApi) return null;
  const { status } = spawnSync(process.execPath, ['-e', trial], { cwd: import.meta.dirname, stdio: 'ignore' });
  if (status === 0) return null;
  return `Node ${versions.node} is too old for the relay's database. Install Node 22.14 or newer (https://nodejs.org).`;
}
