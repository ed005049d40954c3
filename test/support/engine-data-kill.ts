/** An engine in a process of its own that is killed in the middle of a job on all data. */
import { fork } from 'node:child_process';
import { resolve } from 'node:path';

export interface KilledJob {
  readonly dataDir: string;
  readonly address: string;
  readonly job: 'export' | 'backup';
  readonly to: string;
}

/** Kills it (`kill -9`) as soon as the job told of itself so many times. @returns the last state that it told. */
export function killInJob(task: KilledJob, afterTold: number): Promise<string> {
  const child = fork(resolve(import.meta.dirname, 'engine-data-process.ts'), [JSON.stringify(task)], {
    stdio: 'inherit',
    execArgv: [],
  });
  const told: string[] = [];
  return new Promise((done) => {
    child.on('message', (state) => {
      told.push(String(state));
      if (told.length === afterTold || state !== 'running') child.kill('SIGKILL');
    });
    child.once('exit', () => done(told.at(-1) ?? 'never began'));
  });
}
