/** What happens when the page dies or hangs: it is loaded again, after asking where that would surprise. */
import { dialog, type BrowserWindow } from 'electron';
import { appPageUrl } from '../bridge/page-addresses.ts';
import { describeError, type Log } from './log.ts';

const crashWindowMs = 60_000;

/** A first crash loads the page again at once; a second within a minute asks. A page that hangs is never reloaded unasked. */
export function setupPageRecovery(window: BrowserWindow, log: Log, now: () => number = Date.now): void {
  const contents = window.webContents;
  const reload = (): void => {
    window
      .loadURL(appPageUrl)
      .catch((error: unknown) => log.error('page.load-failed', { error: describeError(error) }));
  };
  let lastCrash = -Infinity;
  let hanging: AbortController | null = null;

  contents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return;
    log.error('page.crashed', { reason, exitCode });
    const again = now() - lastCrash < crashWindowMs;
    lastCrash = now();
    if (again) void offerReload(window, 'This window has stopped working.', undefined).then((yes) => yes && reload());
    else reload();
  });

  contents.on('unresponsive', () => {
    if (hanging) return;
    log.warn('page.unresponsive');
    const question = (hanging = new AbortController());
    void offerReload(window, 'This window is not responding.', question.signal).then((yes) => {
      if (hanging === question) hanging = null;
      if (yes && !question.signal.aborted) contents.forcefullyCrashRenderer();
    });
  });

  contents.on('responsive', () => {
    hanging?.abort();
    hanging = null;
  });
}

async function offerReload(window: BrowserWindow, message: string, signal: AbortSignal | undefined): Promise<boolean> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    message,
    detail: 'Your messages are safe. Reload the window to go on, or wait a little.',
    buttons: ['Reload', 'Wait'],
    defaultId: 0,
    cancelId: 1,
    ...(signal ? { signal } : {}),
  });
  return response === 0;
}
