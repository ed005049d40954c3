/** Starts the built app with an engine that does what the test says. */
import { cp, mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import { projectDir } from '../../../scripts/project.ts';
import { launchParley, type LaunchOptions, type ParleyApp } from '../electron-app.ts';
import { probeBridge, type BridgeProbe } from '../bridge-probe.ts';

export interface StandInApp extends ParleyApp {
  readonly probe: BridgeProbe;
  /** Lets the stand-in act; see process.ts and media.ts. @throws Error with the code and message of a refusal. */
  act(name: string, input?: unknown): Promise<unknown>;
}

const builtApp = process.env['PARLEY_APP_DIR'] ?? projectDir;
const appDir = join(projectDir, 'test-results/stand-in-app');
let prepared: Promise<void> | null = null;

export async function launchStandIn(options: LaunchOptions = {}): Promise<StandInApp> {
  await (prepared ??= prepareApp());
  const parley = await launchParley({ ...options, appDir });
  const probe = await probeBridge(parley.page);
  return {
    ...parley,
    probe,
    async act(name, input) {
      const answer = await probe.rawEngine(`stand-in.${name}`, input);
      if (answer.ok) return answer.value;
      throw new Error(`${answer.code}: ${answer.message}`);
    },
  };
}

/** The built app with another engine in it. */
async function prepareApp(): Promise<void> {
  await rm(appDir, { recursive: true, force: true });
  await mkdir(join(appDir, 'main'), { recursive: true });
  await cp(join(builtApp, 'package.json'), join(appDir, 'package.json'));
  await cp(join(builtApp, 'build/desktop'), join(appDir, 'build/desktop'), { recursive: true });
  await symlink(join(builtApp, 'main/resources'), join(appDir, 'main/resources'), 'dir');
  await build({
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: {
      ssr: join(import.meta.dirname, 'process.ts'),
      outDir: join(appDir, 'build/desktop/main'),
      emptyOutDir: false,
      rollupOptions: { output: { entryFileNames: 'engine.js' } },
    },
  });
}
