/** Remembers where the window stood, how large it was and whether it filled the screen. */
import { readFileSync } from 'node:fs';
import type { BrowserWindow } from 'electron';
import { writeFileAtomically } from './atomic-file.ts';
import { describeError, type Log } from './log.ts';
import { windowStateSchema, type WindowState } from './window-bounds.ts';

const quietMs = 500;

/** @returns null when nothing usable was remembered. */
export function loadWindowState(file: string): WindowState | null {
  try {
    return windowStateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** Saves once moving and sizing have come to rest, and when the window closes. */
export function rememberWindowState(window: BrowserWindow, file: string, log: Log): void {
  let timer: NodeJS.Timeout | undefined;
  const save = (): void => {
    clearTimeout(timer);
    try {
      writeFileAtomically(file, JSON.stringify(stateOf(window)));
    } catch (error) {
      log.warn('window.state-not-saved', { error: describeError(error) });
    }
  };
  const saveSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(save, quietMs);
  };
  window.on('resize', saveSoon);
  window.on('move', saveSoon);
  window.on('maximize', saveSoon);
  window.on('unmaximize', saveSoon);
  window.on('enter-full-screen', saveSoon);
  window.on('leave-full-screen', saveSoon);
  window.on('close', save);
  window.once('closed', () => clearTimeout(timer));
}

/** The bounds are those to come back to from a full screen. */
function stateOf(window: BrowserWindow): WindowState {
  return { bounds: window.getNormalBounds(), maximized: window.isMaximized(), fullScreen: window.isFullScreen() };
}
