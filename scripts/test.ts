/** Runs every check and test of the project, stage by stage, and prints how long each took (`npm test`). */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDisplay } from './display.ts';
import { prepareAll } from './prepare.ts';
import { projectDir } from './project.ts';
import { ensureTestPrograms } from './test-programs.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface Stage {
  readonly name: string;
  /** Rejects when the stage failed. */
  readonly run: () => Promise<Counts | void>;
}

const results = join(projectDir, 'test-results');
const log = (line: string): void => console.log(line);
const displayEnv: Record<string, string> = {};
let stopDisplay = async (): Promise<void> => {};

const checks: readonly Stage[] = [
  npmStage('typecheck'),
  npmStage('lint'),
  npmStage('format:check'),
  npmStage('architecture'),
  npmStage('unused'),
];

const tests: readonly Stage[] = [
  { name: 'prepare', run: prepare },
  npmStage('build'),
  vitestStage('unit'),
  vitestStage('contracts'),
  vitestStage('integration'),
  vitestStage('faults'),
  programStage('rig', 'test/rig/run.ts', '--short'),
  programStage('rig-fleet', 'test/rig/run.ts', '--fleet', '--short'),
  programStage('fuzz', 'test/fuzz/run.ts', '--short'),
  { name: 'display', run: openDisplay },
  { name: 'electron', run: runElectronTests },
];

/** Stages named on the command line run alone: `npm test -- unit electron`. */
async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const stages = [...checks, ...tests];
  const unknown = wanted.filter((name) => !stages.some((stage) => stage.name === name));
  if (unknown.length > 0) {
    console.error(`There is no stage ${unknown.join(', ')}. Stages: ${stages.map(({ name }) => name).join(', ')}.`);
    process.exitCode = 2;
    return;
  }
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  const chosen = stages.filter(({ name }) => wanted.length === 0 || wanted.includes(name) || supports(name, wanted));
  await runStages(chosen);
  await stopDisplay();
}

/** The Electron tests cannot do without a display. */
function supports(name: string, wanted: readonly string[]): boolean {
  return name === 'display' && wanted.includes('electron');
}

async function runStages(stages: readonly Stage[]): Promise<void> {
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  const times: string[] = [];
  let failedStage: string | null = null;
  for (const stage of stages) {
    log(`\n── ${stage.name}`);
    const start = performance.now();
    try {
      add(total, (await stage.run()) ?? { passed: 0, failed: 0, skipped: 0 });
    } catch (error) {
      failedStage = stage.name;
      if (error instanceof StageFailure) add(total, error.counts);
      console.error(`${stage.name} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
    times.push(`${((performance.now() - start) / 1_000).toFixed(1).padStart(7)} s  ${stage.name}`);
    if (failedStage) break;
  }
  log(`\nTimes of the stages:\n${times.join('\n')}`);
  if (failedStage) {
    console.error(`\nStopped at: ${failedStage}.`);
    process.exitCode = 1;
  }
  log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
}

class StageFailure extends Error {
  readonly counts: Counts;
  constructor(message: string, counts: Counts) {
    super(message);
    this.counts = counts;
  }
}

function add(total: Counts, counts: Counts): void {
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}

async function prepare(): Promise<void> {
  await prepareAll({ log });
  await ensureTestPrograms(log);
}

function npmStage(script: string): Stage {
  return { name: script, run: () => run('npm', ['run', '--silent', script]) };
}

/** A program of the tests' own that prints what it found, and fails when that is against the promises. */
function programStage(name: string, ...program: readonly string[]): Stage {
  return { name, run: () => run('node', program) };
}

function vitestStage(project: string): Stage {
  return { name: project, run: () => runVitest(project) };
}

async function runVitest(project: string): Promise<Counts> {
  const report = join(results, `${project}.json`);
  const args = [
    'vitest',
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile=${report}`,
  ];
  const failure = await outcomeOf(run('npx', args));
  return judge(failure, report, (json) => ({
    passed: Number(json['numPassedTests'] ?? 0),
    failed: Number(json['numFailedTests'] ?? 0),
    skipped: Number(json['numPendingTests'] ?? 0),
  }));
}

async function openDisplay(): Promise<void> {
  const display = await ensureDisplay({ log });
  Object.assign(displayEnv, display.env);
  stopDisplay = () => display.stop();
}

async function runElectronTests(): Promise<Counts> {
  const report = join(results, 'electron.json');
  const env = { ...displayEnv, PLAYWRIGHT_JSON_OUTPUT_NAME: report };
  const args = ['playwright', 'test', '--config', 'test/e2e/playwright.config.ts', '--reporter=list,json'];
  const failure = await outcomeOf(run('npx', args, env));
  return judge(failure, report, (json) => {
    const stats = (json['stats'] ?? {}) as Record<string, number>;
    return {
      passed: stats['expected'] ?? 0,
      failed: (stats['unexpected'] ?? 0) + (stats['flaky'] ?? 0),
      skipped: stats['skipped'] ?? 0,
    };
  });
}

/** A test stage that ran nothing has failed: it was to run something. */
function judge(failure: Error | null, report: string, read: (json: Record<string, unknown>) => Counts): Counts {
  const counts = existsSync(report)
    ? read(JSON.parse(readFileSync(report, 'utf8')) as Record<string, unknown>)
    : { passed: 0, failed: 0, skipped: 0 };
  if (failure) throw new StageFailure(failure.message, { ...counts, failed: Math.max(1, counts.failed) });
  if (counts.passed + counts.skipped === 0) throw new StageFailure('no test ran', { ...counts, failed: 1 });
  return counts;
}

async function outcomeOf(work: Promise<void>): Promise<Error | null> {
  return work.then(
    () => null,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
}

function run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<void> {
  const child = spawn(command, args, {
    cwd: projectDir,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args.slice(0, 3).join(' ')} ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}

await main();
