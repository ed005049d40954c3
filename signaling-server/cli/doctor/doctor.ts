/** `doctor`: checks everything a relay needs, one line each, and says what to do. */
import type { Config } from '../../config/settings-table.ts';
import { printLine } from '../print.ts';
import { exitCodes } from '../usage.ts';
import { checkBlobs } from './check-blobs.ts';
import { checkDataDirectory } from './check-data.ts';
import { checkDatabase } from './check-database.ts';
import { checkEngines } from './check-engines.ts';
import { checkNode, checkOpenFiles, checkPort } from './check-system.ts';
import { checkTls } from './check-tls.ts';
import { describeFinding } from './finding.ts';

/** @returns 1 when something would keep the relay from working, else 0. */
export async function runDoctor(config: Config): Promise<number> {
  const now = Date.now();
  const findings = [
    checkNode(),
    ...checkDataDirectory(config.data),
    ...(config.store === null ? checkDatabase(config.data, now) : []),
    ...(config.store === null && config.blobs === null ? await checkBlobs(config) : []),
    ...(await checkEngines(config)),
    await checkPort(config),
    checkTls(config, now),
    checkOpenFiles(),
  ];
  for (const finding of findings) printLine(describeFinding(finding));
  return findings.some(({ state }) => state === 'fail') ? exitCodes.failed : exitCodes.done;
}
