/** Copies of all data outside Parley: asks the person where they are to be, and has the engine make or take them in. */
import { dirname, join } from 'node:path';
import { app, dialog, type BrowserWindow, type OpenDialogOptions, type SaveDialogOptions } from 'electron';
import type { AskEngine } from './media-answer.ts';

/** Each resolves once the work has begun. @returns false when the person chose no place. */
export interface DataFiles {
  export(): Promise<boolean>;
  import(): Promise<boolean>;
  backup(passphrase: string): Promise<boolean>;
  restore(passphrase: string): Promise<boolean>;
}

interface DataFilesOptions {
  readonly ask: AskEngine;
  /** The dialogs belong to it. */
  readonly window: () => BrowserWindow;
}

const backupEnding = 'parley-backup';
const backupFilters = [{ name: 'Parley backups', extensions: [backupEnding] }];

export function createDataFiles({ ask, window }: DataFilesOptions): DataFiles {
  let lastFolder: string | null = null;

  const proposed = (name: string) => join(lastFolder ?? app.getPath('documents'), name);

  async function askForNew(name: string, options: SaveDialogOptions): Promise<string | null> {
    const { filePath } = await dialog.showSaveDialog(window(), { defaultPath: proposed(name), ...options });
    if (filePath) lastFolder = dirname(filePath);
    return filePath || null;
  }

  async function askForOld(options: OpenDialogOptions): Promise<string | null> {
    const { filePaths } = await dialog.showOpenDialog(window(), { defaultPath: proposed(''), ...options });
    const [chosen] = filePaths;
    if (chosen) lastFolder = dirname(chosen);
    return chosen ?? null;
  }

  return {
    async export() {
      const folder = await askForNew(await ask('data.title', undefined), {
        title: 'Export all messages and files',
        buttonLabel: 'Export',
        nameFieldLabel: 'New folder:',
        properties: ['createDirectory'],
      });
      if (folder === null) return false;
      await ask('data.export', { folder });
      return true;
    },
    async import() {
      const folder = await askForOld({
        title: 'Choose the folder of an export',
        buttonLabel: 'Import',
        properties: ['openDirectory'],
      });
      if (folder === null) return false;
      await ask('data.import', { folder });
      return true;
    },
    async backup(passphrase) {
      const file = await askForNew(`${await ask('data.title', undefined)}.${backupEnding}`, {
        title: 'Make an encrypted backup',
        buttonLabel: 'Back up',
        filters: backupFilters,
        properties: ['createDirectory', 'showOverwriteConfirmation'],
      });
      if (file === null) return false;
      await ask('data.backup', { file, passphrase });
      return true;
    },
    async restore(passphrase) {
      const file = await askForOld({
        title: 'Choose a backup',
        buttonLabel: 'Restore',
        filters: [...backupFilters, { name: 'All files', extensions: ['*'] }],
        properties: ['openFile'],
      });
      if (file === null) return false;
      await ask('data.restore', { file, passphrase });
      return true;
    },
  };
}
