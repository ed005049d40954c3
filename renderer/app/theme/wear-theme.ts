/** Puts theme, density, text size and platform on the root element, where the tokens choose by them. */
import type { AppInfo, Settings } from '../../../bridge/shell-contract.ts';

const darkQuery = '(prefers-color-scheme: dark)';

export function wearTheme(root: HTMLElement, settings: Settings, platform: AppInfo['platform'] | null): void {
  const dark = settings.theme === 'dark' || (settings.theme === 'system' && matchMedia(darkQuery).matches);
  root.dataset['theme'] = dark ? 'dark' : 'light';
  root.dataset['density'] = settings.density;
  if (platform) root.dataset['platform'] = platform;
  root.style.fontSize = `${settings.textScale}%`;
}

/** @returns takes the listener away. */
export function onSystemTheme(listener: () => void): () => void {
  const query = matchMedia(darkQuery);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}
