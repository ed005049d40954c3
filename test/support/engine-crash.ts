/** Ends the engine's process from outside, as a crash would. */
import type { ElectronApplication } from '@playwright/test';

/** The process id of the engine that runs now; null while there is none. */
export function enginePid(app: ElectronApplication): Promise<number | null> {
  return app.evaluate(({ app: electronApp }) => {
    const isEngine = ({ name, serviceName }: { name?: string; serviceName?: string }): boolean =>
      [name, serviceName].includes('Parley engine');
    return electronApp.getAppMetrics().find(isEngine)?.pid ?? null;
  });
}

export async function crashEngine(app: ElectronApplication): Promise<void> {
  const pid = await enginePid(app);
  if (pid === null) throw new Error('No engine runs that could be crashed.');
  process.kill(pid, 'SIGKILL');
}
