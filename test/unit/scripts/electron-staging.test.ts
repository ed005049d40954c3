/** A stage is links to the runtime and a link to the app, or copies where links can't be. */
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stageRuntime } from '../../../scripts/electron-staging.ts';

function scene() {
  const root = mkdtempSync(join(tmpdir(), 'parley-stage-'));
  const [distDir, appDir, stagesDir] = [join(root, 'dist'), join(root, 'app'), join(root, 'stages')];
  mkdirSync(join(distDir, 'locales'), { recursive: true });
  mkdirSync(appDir);
  writeFileSync(join(distDir, 'electron'), 'binary', { mode: 0o755 });
  writeFileSync(join(distDir, 'locales/de.pak'), 'words');
  return { distDir, appDir, stagesDir };
}

function failingWith(code: string) {
  return () => Promise.reject(Object.assign(new Error(code), { code }));
}

test('the stage shares the files of the runtime and runs the app', async () => {
  const { distDir, appDir, stagesDir } = scene();
  const stage = await stageRuntime({ distDir, appDir, stagesDir });
  expect(readlinkSync(join(stage, 'resources/app'))).toBe(appDir);
  expect(statSync(join(stage, 'electron')).ino).toBe(statSync(join(distDir, 'electron')).ino);
  expect(readFileSync(join(stage, 'locales/de.pak'), 'utf8')).toBe('words');
});

test('across file systems files are copied with their permission to run', async () => {
  const { distDir, appDir, stagesDir } = scene();
  const stage = await stageRuntime({ distDir, appDir, stagesDir, linkFile: failingWith('EXDEV') });
  const copy = statSync(join(stage, 'electron'));
  expect(copy.ino).not.toBe(statSync(join(distDir, 'electron')).ino);
  expect(copy.mode & 0o111).toBe(0o111);
});

test('any other failure leaves no stage behind', async () => {
  const { distDir, appDir, stagesDir } = scene();
  const failed = stageRuntime({ distDir, appDir, stagesDir, linkFile: failingWith('ENOSPC') });
  await expect(failed).rejects.toThrow('ENOSPC');
  expect(readdirSync(stagesDir)).toEqual([]);
});

test('a whole stage is used again, a broken one is made anew', async () => {
  const { distDir, appDir, stagesDir } = scene();
  const options = { distDir, appDir, stagesDir };
  const stage = await stageRuntime(options);
  await stageRuntime({ ...options, linkFile: failingWith('must not link') });
  rmSync(join(stage, 'electron'));
  expect(await stageRuntime(options)).toBe(stage);
  expect(readFileSync(join(stage, 'electron'), 'utf8')).toBe('binary');
});

test('two apps and two runs at once get whole stages of their own', async () => {
  const { distDir, appDir, stagesDir } = scene();
  const other = `${appDir}-2`;
  mkdirSync(other);
  const stages = await Promise.all(
    [appDir, appDir, other].map((dir) => stageRuntime({ distDir, appDir: dir, stagesDir })),
  );
  expect(new Set(stages).size).toBe(2);
  expect(readdirSync(stagesDir)).toHaveLength(2);
});
