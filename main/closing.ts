/** What closing the window means: to the tray where there is one and the person wants it, else the end of the app. */
import { app, type BrowserWindow } from 'electron';
import { describeError, type Log } from './log.ts';
import type { SettingsStore } from './settings-file.ts';

interface ClosingOptions {
  readonly settings: SettingsStore;
  readonly platform: NodeJS.Platform;
  /** Asked at each close: a panel can go while the app runs. */
  readonly hasTray: () => Promise<boolean>;
  readonly log: Log;
}

/** On macOS an app without windows stays in the dock, whatever the setting. */
export function createCloseHandler({ settings, platform, hasTray, log }: ClosingOptions) {
  return (window: BrowserWindow): void => {
    decide(settings.get().closeToTray, platform, hasTray).then(
      (stays) => (stays ? hide(window) : app.quit()),
      (error: unknown) => {
        log.error('close.failed', { error: describeError(error) });
        app.quit();
      },
    );
  };
}

async function decide(closeToTray: boolean, platform: NodeJS.Platform, hasTray: () => Promise<boolean>) {
  if (platform === 'darwin') return true;
  return closeToTray && (await hasTray());
}

/** A full screen that is hidden would leave a black one behind on macOS. */
function hide(window: BrowserWindow): void {
  if (!window.isFullScreen()) return window.hide();
  window.once('leave-full-screen', () => window.hide());
  window.setFullScreen(false);
}
