/** Tells the person that the engine does not stay up, and what they can do. */
import { app, dialog, shell } from 'electron';

/** @returns true to try again; false once the app is asked to quit. */
export async function askAboutEngine(logFile: string): Promise<boolean> {
  const buttons = ['Try again', 'Show the log', 'Quit'] as const;
  const { response } = await dialog.showMessageBox({
    type: 'error',
    title: 'Parley',
    message: 'Parley’s engine keeps stopping.',
    detail: `Your messages are kept on this computer, but none can be sent or received. Try again; if it stays, restart the computer, update Parley, or look at the log:\n${logFile}`,
    buttons: [...buttons],
    defaultId: 0,
    cancelId: 2,
  });
  if (buttons[response] === 'Show the log') {
    shell.showItemInFolder(logFile);
    return askAboutEngine(logFile);
  }
  if (buttons[response] === 'Quit') app.quit();
  return buttons[response] === 'Try again';
}
