/** Packages of servers are installed for their programs alone. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withoutServices } from '../../../scripts/engine-programs.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'parley-root-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const policy = () => join(root, 'usr/sbin/policy-rc.d');
const cluster = () => join(root, 'etc/postgresql-common/createcluster.d/parley.conf');

it('while packages are installed no service is started and no database made, and afterwards nothing says so any more', async () => {
  await withoutServices(async () => {
    expect(readFileSync(policy(), 'utf8')).toContain('exit 101');
    expect(statSync(policy()).mode & 0o111).toBe(0o111);
    expect(readFileSync(cluster(), 'utf8')).toBe('create_main_cluster = false\n');
  }, root);
  expect([existsSync(policy()), existsSync(cluster())]).toEqual([false, false]);
});

it('what the admin of the machine has said stays, also when the installation fails', async () => {
  mkdirSync(join(root, 'usr/sbin'), { recursive: true });
  writeFileSync(policy(), 'theirs');
  const failing = withoutServices(() => Promise.reject(new Error('no network')), root);
  await expect(failing).rejects.toThrow('no network');
  expect([readFileSync(policy(), 'utf8'), existsSync(cluster())]).toEqual(['theirs', false]);
});
