/** `migrate`: copies all of a relay's data to another database, and proves at the end that both hold the same. */
import type { Config } from '../../config/settings-table.ts';
import { ParleyError } from '../../../protocol/index.ts';
import { describeFinding, fail, ok, type Finding } from '../doctor/finding.ts';
import { printLine } from '../print.ts';
import { exitCodes } from '../usage.ts';
import { compareSides, type Compared } from './compare-sides.ts';
import { copyBlobs } from './copy-blobs.ts';
import { copyParts, type Copied } from './copy-parts.ts';
import { isDatabaseUrl, openSource, openTarget } from './open-sides.ts';
import { partTitles } from './parts.ts';
import type { Source, Target } from './sides.ts';

export interface MigratePlaces {
  readonly from: string;
  readonly to: string;
}

/** @returns 1 when the two sides differ in the end. @throws ParleyError when it cannot begin or go on; run again, it goes on. */
export async function runMigrate(config: Config, { from, to }: MigratePlaces): Promise<number> {
  if (from === to) throw new ParleyError('bad_request', { message: '--from and --to name the same place.' });
  const source = await openSource(from);
  try {
    const target = await openTarget(to, source, isDatabaseUrl(from) ? 'database' : 'folder');
    try {
      return await move(config, { from, to }, source, target);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function move(config: Config, places: MigratePlaces, source: Source, target: Target): Promise<number> {
  printLine(`From ${source.title} to ${target.title}.`);
  for await (const copied of copyParts(source, target, printProgress))
    printLine(describeFinding(describeCopied(copied)));
  await target.derive();
  if (config.blobs !== null) printLine(describeFinding(await copyBlobs(config, places, source, printProgress)));
  const isEqual = await compare(source, await target.reader());
  if (!isEqual) {
    printLine(`\n${differs}`);
    return exitCodes.failed;
  }
  await target.finish();
  printLine(
    `\nAll of it is there. A relay may be started on ${target.title}; do not let one write to ${source.title} again.`,
  );
  return exitCodes.done;
}

const differs =
  'The two differ, so no relay will start on the new one. Something wrote to the old one while it was copied, most likely: stop that, empty the new one and begin again. Nothing was lost: the old one is as it was.';

async function compare(source: Source, target: Source): Promise<boolean> {
  printLine('Comparing both sides.');
  let isEqual = true;
  for await (const compared of compareSides(source, target)) {
    printLine(describeFinding(describeCompared(compared)));
    isEqual &&= compared.differences.length === 0;
  }
  return isEqual;
}

function printProgress(line: string): void {
  printLine(`...   ${line}`);
}

function describeCopied({ part, rows, added, ms }: Copied): Finding {
  const seconds = ms / 1_000;
  const speed = seconds >= 1 ? `, ${Math.round(added / seconds)} a second` : '';
  const before = rows - added;
  const earlier = before > 0 ? `, ${before} of them by an earlier run` : '';
  return ok(partTitles[part], `${rows} copied${earlier}${added > 0 ? ` (${seconds.toFixed(1)} s${speed})` : ''}`);
}

const examples = 5;

function describeCompared({ part, rows, differences, chains }: Compared): Finding {
  const proven = chains > 0 ? `, ${chains} chains equal` : '';
  if (differences.length === 0) return ok(partTitles[part], `${rows} on both sides${proven}`);
  const more = differences.length > examples ? `; and ${differences.length - examples} more` : '';
  const found = differences.slice(0, examples).join('; ') + more;
  return fail(partTitles[part], found, 'See below.');
}
