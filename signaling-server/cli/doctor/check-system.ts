/** Checks what the relay needs of the system: Node, open files, the port. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { connectAdmin } from '../../admin/admin-client.ts';
import { adminSocketPath } from '../../admin/admin-path.ts';
import type { Config } from '../../config/settings-table.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

/** Enough for some thousand people; each connection is an open file. */
const comfortableFiles = 8_192;
/** Below this a small group may already meet the limit. */
const leastFiles = 256;

export function checkNode(): Finding {
  return ok('node', `${process.versions.node} on ${process.platform} ${process.arch}`);
}

/** Node raises its soft limit to the hard one by itself, so what it has now is what the relay will have. */
export function checkOpenFiles(): Finding {
  const line = readOrNull('/proc/self/limits')
    ?.split('\n')
    .find((each) => each.startsWith('Max open files'));
  const limit = Number(/Max open files\s+(\d+)/.exec(line ?? '')?.[1] ?? NaN);
  if (Number.isNaN(limit)) return ok('open files', 'not known on this system');
  const advice = 'Raise it: LimitNOFILE=65536 in the systemd unit, or `ulimit -n 65536` in the shell.';
  if (limit < leastFiles) return fail('open files', `at most ${limit}`, advice);
  return limit < comfortableFiles
    ? warn('open files', `at most ${limit}: about as many connections`, advice)
    : ok('open files', `up to ${limit}`);
}

export async function checkPort({ host, port, data }: Config): Promise<Finding> {
  const code = await tryToListen(host, port);
  if (code === null) return ok('port', `${port} on ${host} is free`);
  if (code === 'EADDRINUSE') {
    const running = await runningRelay(data);
    if (running !== null) return ok('port', `${port} is in use; the relay of this data runs at ${running}`);
    return fail(
      'port',
      `${port} on ${host} is taken by another program`,
      'Stop it, or choose another port with --port.',
    );
  }
  if (code === 'EACCES')
    return fail('port', `${port} may not be opened by this user`, 'Choose one above 1023 with --port.');
  return fail(
    'port',
    `this machine cannot listen on ${host} (${code})`,
    'Choose another address with --host, such as 0.0.0.0.',
  );
}

async function runningRelay(dataDir: string): Promise<string | null> {
  const path = adminSocketPath(dataDir);
  const admin = path === null ? null : await connectAdmin(path).catch(() => null);
  return admin === null ? null : (await admin.status({})).url;
}

function tryToListen(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen({ host, port }, () => server.close(() => resolve(null)));
  });
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
