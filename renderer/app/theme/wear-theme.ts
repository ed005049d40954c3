/** Puts theme, density, text size, platform and stillness on the root element, where styles choose by them. */
import type { AppInfo, Settings } from '../../../bridge/shell-contract.ts';

const darkQuery = '(prefers-color-scheme: dark)';

const stillQuery = '(prefers-reduced-motion: reduce)';

/** @param info null while it is not known. */
export function wearTheme(
  root: HTMLElement,
  settings: Settings,
  info: Pick<AppInfo, 'platform' | 'drawsInSoftware'> | null,
): void {
  const dark = settings.theme === 'dark' || (settings.theme === 'system' && matchMedia(darkQuery).matches);
  root.dataset['theme'] = dark ? 'dark' : 'light';
  root.dataset['density'] = settings.density;
  if (info) root.dataset['platform'] = info.platform;
  // Where the processor draws each frame, what moves would take from everything else, and stutter.
  root.toggleAttribute('data-still', matchMedia(stillQuery).matches || info?.drawsInSoftware === true);
  root.style.fontSize = `${settings.textScale}%`;
}

/** Whether nothing is to move on the screen. */
export function isStill(): boolean {
  return document.documentElement.hasAttribute('data-still');
}

/** Calls back when the system's wishes change. @returns takes the listener away. */
export function onSystemTheme(listener: () => void): () => void {
  const queries = [darkQuery, stillQuery].map((query) => matchMedia(query));
  for (const query of queries) query.addEventListener('change', listener);
  return () => queries.forEach((query) => query.removeEventListener('change', listener));
}
