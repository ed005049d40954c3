/** The system's own question before a program may record sound; only macOS has one for desktop apps. */
import { systemPreferences } from 'electron';

/** @returns whether Parley may record; what Chromium then asks of Parley is permission-policy's business. */
export async function askForMicrophone(platform: NodeJS.Platform = process.platform): Promise<boolean> {
  return platform === 'darwin' ? systemPreferences.askForMediaAccess('microphone') : true;
}
