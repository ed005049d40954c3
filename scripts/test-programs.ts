/** Sees to programs that tests run beside the app: coturn, for the test that goes through a TURN server alone. */
import type { Log } from './project.ts';
import { createApt, installPackages, isOnPath } from './system-packages.ts';

/** Installs what is missing where that can be done from here; elsewhere the tests that need it are skipped, and this says so. */
export async function ensureTestPrograms(log: Log): Promise<void> {
  if (process.platform !== 'linux' || isOnPath('turnserver')) return;
  const apt = createApt(log);
  if (!apt.present || !apt.canInstall) {
    log(
      'coturn is not installed: the tests through a TURN server are skipped (on Debian: sudo apt-get install coturn).',
    );
    return;
  }
  await installPackages(['coturn'], 'Missing on this system: a TURN server (coturn), for tests.', log, apt);
}
