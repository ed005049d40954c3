/** docs/capacity.md says what the model says. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelTables } from '../../../bench/capacity/all-tables.ts';
import { constants } from '../../../bench/capacity/constants.ts';
import { fillPage, tableIn } from '../../../bench/capacity/page.ts';
import { simulationNames } from '../../../bench/capacity/simulation/play.ts';
import { scenarios } from '../../../bench/capacity/simulation/scenario.ts';

const docs = resolve(import.meta.dirname, '../../../docs');
const page = readFileSync(resolve(docs, 'capacity.md'), 'utf8');

describe('the page', () => {
  it('has every table as the formulas give it (after a change: node bench/capacity.ts --simulate --write)', () => {
    for (const [name, table] of Object.entries(modelTables())) expect(tableIn(page, name), name).toBe(table);
  });

  it('has a table and a picture of every scenario', () => {
    for (const name of simulationNames) expect(tableIn(page, name), name).toMatch(/^\|/);
    for (const { name } of scenarios) {
      expect(page).toContain(`(images/capacity-${name}.svg)`);
      expect(existsSync(resolve(docs, 'images', `capacity-${name}.svg`)), name).toBe(true);
    }
  });

  it('has the headings that constants point to', () => {
    for (const [name, { where }] of Object.entries(constants)) {
      const [file = '', anchor = ''] = where.split('#');
      const headings = [...readFileSync(resolve(docs, file), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, words = '']) =>
        words
          .toLowerCase()
          .replace(/[^\p{L}\p{N} -]/gu, '')
          .replaceAll(' ', '-'),
      );
      expect(headings, name).toContain(anchor);
    }
  });
});

describe('filling a page', () => {
  const marked = 'a\n<!-- table: one -->\nold\n<!-- end -->\nb';

  it('replaces what stands between the marks and nothing else', () => {
    const filled = fillPage(marked, { one: '| new |' });
    expect(filled).toBe('a\n<!-- table: one -->\n\n| new |\n\n<!-- end -->\nb');
    expect(tableIn(filled, 'one')).toBe('| new |');
    expect(fillPage(filled, { one: '| new |' })).toBe(filled);
  });

  it('refuses a mark without a table and a table without a mark', () => {
    expect(() => fillPage(marked, {})).toThrow('asks for a table one');
    expect(() => fillPage(marked, { one: '', two: '' })).toThrow('no place for the tables two');
    expect(tableIn(marked, 'two')).toBeNull();
  });
});
