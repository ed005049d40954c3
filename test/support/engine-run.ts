/** An engine in a process of its own that can be killed at any moment. */
import { fork } from 'node:child_process';
import { resolve } from 'node:path';
import { sessionViewSchema, type SessionView } from '../../bridge/views.ts';

export interface EngineRun {
  /** Resolves as soon as the engine tells of such a session. */
  told(holds: (session: SessionView) => boolean): Promise<void>;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
}

/** Resolves once the engine is open. */
export async function spawnEngine(dataDir: string): Promise<EngineRun> {
  const child = fork(resolve(import.meta.dirname, 'engine-run-process.ts'), [dataDir], {
    stdio: 'inherit',
    execArgv: [],
  });
  const gone = new Promise<void>((done) => child.once('exit', () => done()));

  function told(holds: (session: SessionView) => boolean): Promise<void> {
    return new Promise((done, failed) => {
      child.on('message', (message) => {
        if (holds(sessionViewSchema.parse(message))) done();
      });
      child.once('exit', (code) => failed(new Error(`The engine's process ended with ${code}.`)));
    });
  }

  await told(() => true);
  return {
    told,
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
