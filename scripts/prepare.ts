/** Gets everything ready that tests and starts need: Electron, system packages, fonts, the SQLite binding. */
import { pathToFileURL } from 'node:url';
import { ensureFonts } from './fonts.ts';
import { hasNativeDisplay } from './display.ts';
import { prepareElectron, type ElectronRuntime } from './electron-runtime.ts';
import { projectDir, type Log } from './project.ts';
import { prepareSqliteBinding } from './sqlite-binding.ts';
import { ensureSystemPackages } from './system-packages.ts';

interface PrepareAllOptions {
  readonly appDir?: string;
  readonly log: Log;
}

/** Under a second when all is ready; throws an error for people at the first step that can't be done. */
export async function prepareAll({ appDir = projectDir, log }: PrepareAllOptions): Promise<ElectronRuntime> {
  const runtime = await step('electron', log, () => prepareElectron({ appDir, log }), describeRuntime);
  const needs = { executable: runtime.executable, virtualDisplay: !(await hasNativeDisplay()) };
  await step(
    'system packages',
    log,
    () => ensureSystemPackages(needs, log),
    () => 'complete',
  );
  await step(
    'fonts',
    log,
    () => ensureFonts(log),
    () => 'checked',
  );
  await step(
    'better-sqlite3',
    log,
    () => prepareSqliteBinding({ runtime, log }),
    (path) => (path ? 'built from source' : "the package's own binary"),
  );
  return runtime;
}

async function step<T>(name: string, log: Log, work: () => Promise<T>, describe: (result: T) => string): Promise<T> {
  const start = performance.now();
  const result = await work();
  log(`✓ ${name}: ${describe(result)} (${((performance.now() - start) / 1000).toFixed(2)} s)`);
  return result;
}

function describeRuntime({ source, version }: ElectronRuntime): string {
  const origin = {
    override: 'from ELECTRON_OVERRIDE_DIST_PATH',
    package: 'from the electron package',
    development: 'the development runtime',
  };
  return `${version}, ${origin[source]}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await prepareAll({ log: (line) => console.log(line) }).catch((error: unknown) => {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}
