/** Playwright's global set-up: a screen for the windows, where the runner has not given one. */
import { ensureDisplay } from '../../scripts/display.ts';

/** @returns what closes the display again. */
async function giveDisplay(): Promise<() => Promise<void>> {
  const display = await ensureDisplay({ log: () => {} });
  Object.assign(process.env, display.env);
  return () => display.stop();
}

// eslint-disable-next-line no-restricted-syntax -- Playwright takes a global set-up only as the default export.
export default giveDisplay;
