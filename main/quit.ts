/** Ending the app: windows may close, the engine stores what is pending, then the process ends. */
import { app } from 'electron';
import { describeError, type Log } from './log.ts';

export interface Quitting {
  /** True from the moment the app is on its way out. */
  isQuitting(): boolean;
}

/** @param stopAll ends what must end gently; runs once. */
export function setupQuit(stopAll: () => Promise<unknown>, log: Log): Quitting {
  let stage: 'running' | 'quitting' | 'stopping' | 'stopped' = 'running';
  app.on('before-quit', () => {
    if (stage === 'running') stage = 'quitting';
  });
  app.on('will-quit', (event) => {
    if (stage === 'stopped') return;
    event.preventDefault();
    if (stage === 'stopping') return;
    stage = 'stopping';
    stopAll()
      .catch((error: unknown) => log.error('quit.failed', { error: describeError(error) }))
      .finally(() => {
        stage = 'stopped';
        log.info('app.stopped');
        app.quit();
      });
  });
  return { isQuitting: () => stage !== 'running' };
}
