/** `docs/operations.md` has the settings as the code has them. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import {
  describeDefault,
  flagOf,
  settingNames,
  settingsTable,
  variableOf,
} from '../../../signaling-server/config/settings-table.ts';

it('the page for admins has every setting with its flag, variable, name, default and meaning, and no other', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
  const cells = /^\| `(--[\w-]+)` +\| `(\w+)` +\| `(\w+)` +\| (.*?) +\| (.*?) +\|$/gm;
  const told = [...page.matchAll(cells)].map(([, ...row]) => row.map((cell) => cell.trim()));
  const known = settingNames.map((name) => [
    flagOf(name),
    variableOf(name),
    name,
    describeDefault(name),
    settingsTable[name].help,
  ]);
  expect(told).toEqual(known);
});
