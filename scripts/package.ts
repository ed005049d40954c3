/** `npm run package`: builds Parley and lets electron-builder pack it with the Electron that is at hand. */
import { existsSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { developmentWarning } from './electron-development.ts';
import { prepareElectron, type ElectronRuntime } from './electron-runtime.ts';
import { projectDir, type Log } from './project.ts';
import { prepareSqliteBinding } from './sqlite-binding.ts';

/** Where Debian's p7zip-full has it; electron-builder's own 7-Zip comes from GitHub. */
const debian7zip = '/usr/lib/p7zip/7za';

async function main(args: readonly string[]): Promise<number> {
  const log: Log = (line) => console.log(line);
  const runtime = await prepareElectron({ appDir: projectDir, log });
  await prepareSqliteBinding({ runtime, log });
  const built = await run('npm', ['run', '--silent', 'build']);
  if (built !== 0) return built;
  const builder = join(projectDir, 'node_modules/electron-builder/cli.js');
  const code = await run(process.execPath, [builder, ...builderArgs(runtime), ...args], builderEnv());
  if (runtime.source === 'development') developmentWarning.forEach((line) => console.warn(line));
  return code;
}

/** An Electron that electron-builder would not find by itself is named to it. */
function builderArgs({ source, distDir, version }: ElectronRuntime): string[] {
  if (source === 'package') return [];
  return [`-c.electronDist=${distDir}`, ...(version === 'unknown' ? [] : [`-c.electronVersion=${version}`])];
}

/** No hardlinks: setting fuses in the package would change the cached runtime too. */
function builderEnv(): Record<string, string> {
  const has7zip = process.env['ELECTRON_BUILDER_7ZIP_PATH'] === undefined && existsSync(debian7zip);
  return { USE_HARD_LINKS: 'false', ...(has7zip ? { ELECTRON_BUILDER_7ZIP_PATH: debian7zip } : {}) };
}

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
  const child = spawn(command, args, {
    cwd: projectDir,
    env: { ...process.env, ...env },
    stdio: 'inherit',
    shell: process.platform === 'win32' && command === 'npm',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
