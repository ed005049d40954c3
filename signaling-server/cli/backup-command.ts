/** `backup FILE`. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ParleyError } from '../../protocol/index.ts';
import type { Config } from '../config/settings-table.ts';
import { describeBytes } from '../observe/disk-space.ts';
import { printLine } from './print.ts';
import { withAdmin } from './with-admin.ts';

export async function backUp(config: Config, name: string): Promise<void> {
  const file = resolve(name);
  if (existsSync(file)) throw failed(`${file} exists already. Name a new file for the backup.`);
  if (!existsSync(dirname(file))) throw failed(`There is no folder ${dirname(file)} for the backup.`);
  const { bytes } = await withAdmin(config, (acts) => acts.backup({ file }));
  printLine(`Wrote ${file} (${describeBytes(bytes)}).`);
}

function failed(message: string): ParleyError {
  return new ParleyError('storage_failed', { message });
}
