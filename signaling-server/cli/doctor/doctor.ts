/** `doctor`: checks everything a relay needs, one line each, and says what to do. */
import type { Config } from '../../config/settings-table.ts';
import { printLine } from '../print.ts';
import { exitCodes } from '../usage.ts';
import { checkBlobs } from './check-blobs.ts';
import { checkDataDirectory } from './check-data.ts';
import { checkDatabase } from './check-database.ts';
import { checkNode, checkOpenFiles, checkPort } from './check-system.ts';
import { checkTls } from './check-tls.ts';
import type { Finding } from './finding.ts';

/** @returns 1 when something would keep the relay from working, else 0. */
export async function runDoctor(config: Config): Promise<number> {
  const now = Date.now();
  const findings = [
    checkNode(),
    ...checkDataDirectory(config.data),
    ...checkDatabase(config.data, now),
    ...(await checkBlobs(config)),
    await checkPort(config),
    checkTls(config, now),
    checkOpenFiles(),
  ];
  for (const finding of findings) printLine(describe(finding));
  return findings.some(({ state }) => state === 'fail') ? exitCodes.failed : exitCodes.done;
}

function describe({ state, check, found, advice }: Finding): string {
  const line = `${state.padEnd(4)}  ${check.padEnd(14)}  ${found}`;
  return advice === undefined ? line : `${line}\n${' '.repeat(22)}→ ${advice}`;
}
