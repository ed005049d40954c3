/** The app's one window: made at start, hidden rather than closed while Parley lives on in the tray. */
import { app, BrowserWindow, screen } from 'electron';
import { appPageUrl } from '../bridge/page-addresses.ts';
import { describeError, type Log } from './log.ts';
import { keepBackground, windowBackground } from './theme.ts';
import { fitBounds, minimumSize } from './window-bounds.ts';
import { loadWindowState, rememberWindowState } from './window-state.ts';

export interface MainWindow {
  /** Brings the window before the person, from the tray or from behind others. */
  show(): void;
  isFocused(): boolean;
  readonly window: BrowserWindow;
}

interface MainWindowOptions {
  readonly title: string;
  readonly icon: string;
  readonly preload: string;
  readonly stateFile: string;
  readonly log: Log;
  readonly onFocus: (focused: boolean) => void;
  /** The person closed the window. */
  readonly onClose: (window: BrowserWindow) => void;
  /** Whether the app is on its way out: then closing is closing. */
  readonly isQuitting: () => boolean;
}

/** After `ready`. */
export function createMainWindow(options: MainWindowOptions): MainWindow {
  const { title, icon, preload, stateFile, log } = options;
  const state = loadWindowState(stateFile);
  const areas = screen.getAllDisplays().map(({ workArea }) => workArea);
  const window = new BrowserWindow({
    ...fitBounds(state?.bounds ?? null, areas),
    minWidth: minimumSize.width,
    minHeight: minimumSize.height,
    title,
    icon,
    show: false,
    autoHideMenuBar: true,
    backgroundColor: windowBackground(),
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      // Elsewhere Chromium would fetch dictionaries from a stranger's server; macOS has its own.
      spellcheck: process.platform === 'darwin',
      devTools: !app.isPackaged,
    },
  });
  rememberWindowState(window, stateFile, log);
  keepBackground(window);
  keepTitle(window, title);
  window.once('ready-to-show', () => {
    if (state?.maximized) window.maximize();
    if (state?.fullScreen) window.setFullScreen(true);
    window.show();
  });
  window.on('focus', () => options.onFocus(true));
  window.on('blur', () => options.onFocus(false));
  window.on('close', (event) => {
    if (options.isQuitting()) return;
    event.preventDefault();
    options.onClose(window);
  });
  window.loadURL(appPageUrl).catch((error: unknown) => log.error('page.load-failed', { error: describeError(error) }));
  return { window, show: () => bringUp(window), isFocused: () => !window.isDestroyed() && window.isFocused() };
}

function bringUp(window: BrowserWindow): void {
  if (window.isDestroyed()) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

/** The page's own title changes nothing: the window says which profile it is. */
function keepTitle(window: BrowserWindow, title: string): void {
  window.on('page-title-updated', (event) => {
    event.preventDefault();
    window.setTitle(title);
  });
}
