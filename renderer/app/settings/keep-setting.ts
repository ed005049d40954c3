/** Keeps a changed setting, and says so when that failed. */
import type { Settings } from '../../../bridge/shell-contract.ts';
import { useApp } from '../app.svelte.ts';

/** To be called while a component is being made. */
export function useKeepSetting(): (changes: Partial<Settings>) => void {
  const { settings, notices } = useApp();
  return (changes) => {
    settings.set(changes).catch((error: unknown) => notices.fail(error));
  };
}
