/** Sees to programs that tests run beside the app: a TURN server, and the engines that fleets of relays stand on. */
import { spawnSync } from 'node:child_process';
import { hasNatsServer, hasPostgresServer, withoutServices } from './engine-programs.ts';
import type { Log } from './project.ts';
import { createApt, installPackages, isOnPath } from './system-packages.ts';

interface TestProgram {
  /** Debian's. */
  readonly package: string;
  readonly what: string;
  isThere(): boolean;
}

const programs: readonly TestProgram[] = [
  { package: 'coturn', what: 'a TURN server', isThere: () => isOnPath('turnserver') },
  { package: 'postgresql', what: 'a PostgreSQL server', isThere: hasPostgresServer },
  { package: 'nats-server', what: 'a NATS server', isThere: hasNatsServer },
  { package: 'python3-swift', what: 'an object store that speaks S3', isThere: hasSwift },
  { package: 'haproxy', what: 'a balancer, which checks its example configuration', isThere: hasHaproxy },
];

function hasSwift(): boolean {
  return spawnSync('/usr/bin/python3', ['-c', 'import swift'], { stdio: 'ignore' }).status === 0;
}

function hasHaproxy(): boolean {
  return spawnSync('/usr/sbin/haproxy', ['-v'], { stdio: 'ignore' }).status === 0;
}

/** Installs what is missing where that can be done from here; elsewhere the tests that need it are skipped, and this says so. */
export async function ensureTestPrograms(log: Log): Promise<void> {
  if (process.platform !== 'linux') return;
  const missing = programs.filter((program) => !program.isThere());
  if (missing.length === 0) return;
  const packages = missing.map((program) => program.package);
  const what = missing.map((program) => program.what).join(', ');
  const apt = createApt(log);
  if (!apt.present || !apt.canInstall) {
    const command = `sudo apt-get install ${packages.join(' ')}`;
    log(`Not installed: ${what}. The tests that need them are skipped (on Debian: ${command}).`);
    return;
  }
  await withoutServices(() => installPackages(packages, `Missing on this system, for tests: ${what}.`, log, apt));
}
