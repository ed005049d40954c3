/** The table of allowed imports really forbids what it says: each forbidden arrow is drawn once and must be caught. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const project = resolve(import.meta.dirname, '../..');
const house = mkdtempSync(join(tmpdir(), 'parley-architecture-'));
afterAll(() => rmSync(house, { recursive: true, force: true }));

const forbidden = [
  { rule: 'protocol-imports-nothing-of-ours', from: 'protocol/a.ts', to: 'bridge/target.ts' },
  { rule: 'relay-imports-protocol', from: 'signaling-server/a.ts', to: 'main/engine/target.ts' },
  { rule: 'bridge-imports-protocol', from: 'bridge/a.ts', to: 'main/target.ts' },
  { rule: 'engine-imports-protocol-and-bridge', from: 'main/engine/a.ts', to: 'main/target.ts' },
  { rule: 'shell-imports-bridge', from: 'main/a.ts', to: 'main/engine/target.ts' },
  { rule: 'screens-import-bridge', from: 'renderer/app/a.ts', to: 'protocol/target.ts' },
  {
    rule: 'acts-know-no-adapter',
    from: 'signaling-server/relay/a.ts',
    to: 'signaling-server/adapters/sqlite/target.ts',
  },
  { rule: 'engine-never-imports-electron', from: 'main/engine/b.ts', to: 'node_modules/electron/index.ts' },
  { rule: 'pages-and-protocol-have-no-node', from: 'renderer/app/b.ts', to: 'node:fs' },
];

function write(path: string, text: string): void {
  mkdirSync(dirname(join(house, path)), { recursive: true });
  writeFileSync(join(house, path), text);
}

function violatedRules(): string[] {
  for (const [index, { from, to }] of forbidden.entries()) {
    if (!to.startsWith('node:')) write(to, 'export const target = 1;\n');
    const specifier = to.startsWith('node:') ? to : '../'.repeat(from.split('/').length - 1) + to;
    write(from.replace('.ts', `-${index}.ts`), `export * from '${specifier}';\n`);
  }
  const cli = join(project, 'node_modules/.bin/depcruise');
  const folders = ['protocol', 'bridge', 'main', 'renderer', 'signaling-server'];
  const args = [cli, '--config', join(project, '.dependency-cruiser.js'), '--output-type', 'json', ...folders];
  const { summary } = JSON.parse(execFileSync(process.execPath, args, { cwd: house, encoding: 'utf8' })) as {
    summary: { violations: { from: string; rule: { name: string } }[] };
  };
  return summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
}

describe('the architecture test', () => {
  it('catches every forbidden arrow', () => {
    const caught = violatedRules();
    for (const [index, { rule, from }] of forbidden.entries()) {
      expect(caught).toContain(`${rule}: ${from.replace('.ts', `-${index}.ts`)}`);
    }
  });
});
