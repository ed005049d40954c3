/** The computer's sleep: noticed afterwards, so that the connection is looked at at once, and put off while files travel. */
import { powerMonitor, powerSaveBlocker } from 'electron';

/** After `ready`. */
export function onAwake(listener: () => void): void {
  powerMonitor.on('resume', listener);
  powerMonitor.on('unlock-screen', listener);
}

/** @returns keeps the computer, not its screen, from falling asleep by itself, or lets it. */
export function createWakefulness(): (wakeful: boolean) => void {
  let blocker: number | null = null;
  return (wakeful) => {
    if (wakeful) blocker ??= powerSaveBlocker.start('prevent-app-suspension');
    else if (blocker !== null) powerSaveBlocker.stop(blocker);
    if (!wakeful) blocker = null;
  };
}
