/** Light or dark: the person's setting, or the system's. */
import { nativeTheme, type BrowserWindow } from 'electron';
import type { SettingsStore } from './settings-file.ts';

/** The page's panel colours, so that a window shows no flash of another before its page is drawn. */
const backgrounds = { light: '#ffffff', dark: '#15191d' } as const;

export function setupTheme(settings: SettingsStore): void {
  nativeTheme.themeSource = settings.get().theme;
  settings.onChange(({ theme }) => {
    nativeTheme.themeSource = theme;
  });
}

export function windowBackground(): string {
  return nativeTheme.shouldUseDarkColors ? backgrounds.dark : backgrounds.light;
}

export function keepBackground(window: BrowserWindow): void {
  const update = (): void => window.setBackgroundColor(windowBackground());
  nativeTheme.on('updated', update);
  window.once('closed', () => nativeTheme.off('updated', update));
}
