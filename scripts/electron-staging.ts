/** Gives an app its own copy of a runtime that runs what lies at `resources/app`, at the cost of links. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createFolder, hasCode } from './cache-lock.ts';

export interface StageOptions {
  readonly distDir: string;
  readonly appDir: string;
  /** The folder that holds the stages of all apps. */
  readonly stagesDir: string;
  /** How a file gets to a second place; a hardlink unless a test says otherwise. */
  readonly linkFile?: (from: string, to: string) => Promise<void>;
}

/** Resolves to the staged folder, whose executable runs `appDir` with no argument. */
export async function stageRuntime({ distDir, appDir, stagesDir, linkFile = link }: StageOptions): Promise<string> {
  const stage = join(stagesDir, stageName(distDir, appDir));
  if (await isStaged(stage, appDir)) return stage;
  await rm(stage, { recursive: true, force: true });
  await createFolder(stage, async (dir) => {
    await linkTree(distDir, dir, linkFile);
    await mkdir(join(dir, 'resources'), { recursive: true });
    await symlink(appDir, join(dir, 'resources/app'), 'dir');
  });
  return stage;
}

/** Links every file below `from` into `to`, or copies it where the file system takes no link. */
async function linkTree(
  from: string,
  to: string,
  linkFile: (from: string, to: string) => Promise<void>,
): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await linkTree(source, target, linkFile);
    else await linkFile(source, target).catch((error: unknown) => copyInstead(error, source, target));
  }
}

async function copyInstead(error: unknown, source: string, target: string): Promise<void> {
  if (!hasCode(error, 'EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP')) throw error;
  await copyFile(source, target);
}

function stageName(distDir: string, appDir: string): string {
  const key = createHash('sha256').update(`${distDir}\n${appDir}`).digest('hex').slice(0, 10);
  return `${basename(appDir)}-${key}`;
}

async function isStaged(stage: string, appDir: string): Promise<boolean> {
  const target = await readlink(join(stage, 'resources/app')).catch(() => undefined);
  return target === appDir && existsSync(join(stage, 'electron'));
}
