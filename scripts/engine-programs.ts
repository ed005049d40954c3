/** The engines of a fleet on this machine: PostgreSQL's server and NATS, from the system's packages. */
import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand } from './run-command.ts';
import type { Log } from './project.ts';
import { createApt, installPackages, isOnPath, type PackageManager } from './system-packages.ts';

/** Debian's names, which are the same from release to release: `postgresql` brings the release's own version. */
const packages = { postgres: 'postgresql', nats: 'nats-server' } as const;

export function hasPostgresServer(): boolean {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  return versions.some((version) => existsSync(join(debian, version, 'bin/initdb'))) || isOnPath('initdb');
}

/** Debian puts it where only root's path leads. */
export function natsServerProgram(): string {
  return isOnPath('nats-server') ? 'nats-server' : '/usr/sbin/nats-server';
}

export function hasNatsServer(): boolean {
  return isOnPath('nats-server') || mayRun('/usr/sbin/nats-server');
}

/** @throws Error for people, with the exact command, when something is missing and cannot be installed from here. */
export async function ensureEngines(log: Log, apt: PackageManager = createApt(log)): Promise<void> {
  const wanted = [...(hasPostgresServer() ? [] : [packages.postgres]), ...(hasNatsServer() ? [] : [packages.nats])];
  if (wanted.length === 0) return;
  const reason = 'Missing on this system: PostgreSQL and NATS servers, which a fleet of relays stands on.';
  await withoutServices(() => installPackages(wanted, reason, log, apt));
}

/** Where Debian looks whether packages may start services, and whether PostgreSQL's makes a cluster of its own. */
const quietFiles = [
  { file: 'usr/sbin/policy-rc.d', text: '#!/bin/sh\nexit 101\n', mode: 0o755 },
  { file: 'etc/postgresql-common/createcluster.d/parley.conf', text: 'create_main_cluster = false\n', mode: 0o644 },
] as const;

/**
 * Lets packages of servers be installed for their programs alone: nothing is started now, and no database is made. What
 * the admin of this machine has said about that stands, and nothing stays behind.
 */
export async function withoutServices(install: () => Promise<void>, root = '/'): Promise<void> {
  const written: string[] = [];
  try {
    for (const { file, text, mode } of quietFiles) {
      const path = join(root, file);
      if (existsSync(path) || !mayWrite(root)) continue;
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { mode });
      written.push(path);
    }
    await install();
  } finally {
    for (const path of written) rmSync(path, { force: true });
  }
  // Nor at the next start of the machine. Where there is no systemd there is nothing to disable.
  if (written.length > 0 && root === '/' && existsSync('/run/systemd/system'))
    await runCommand('systemctl', ['disable', 'nats-server']);
}

function mayRun(path: string): boolean {
  return may(path, constants.X_OK);
}

function mayWrite(path: string): boolean {
  return may(path, constants.W_OK);
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
