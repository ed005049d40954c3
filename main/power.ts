/** Notices when the computer was asleep, so that the connection is looked at at once. */
import { powerMonitor } from 'electron';

/** After `ready`. */
export function onAwake(listener: () => void): void {
  powerMonitor.on('resume', listener);
  powerMonitor.on('unlock-screen', listener);
}
