/** Takes files out of what was dropped or pasted; folders are told apart, because they can't be sent. */

export interface Taken {
  readonly files: readonly File[];
  readonly folders: number;
}

export function carriesFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') ?? false;
}

/** Call it while the event is handled: afterwards the data is gone. */
export function takeFiles(data: DataTransfer): Taken {
  const files: File[] = [];
  let folders = 0;
  for (const item of data.items) {
    if (item.kind !== 'file') continue;
    const file = item.getAsFile();
    if (item.webkitGetAsEntry()?.isDirectory) folders += 1;
    else if (file) files.push(file);
  }
  return { files, folders };
}

/** Words copied from an office program come with a picture of themselves: then the words are what is meant. */
export function isMeantAsText({ types }: Pick<DataTransfer, 'types'>): boolean {
  return types.includes('text/plain') && types.includes('text/html');
}

/** Said when folders were among what was dropped; null for none. */
export function folderWords(folders: number): string | null {
  if (folders === 0) return null;
  return folders === 1
    ? 'A folder can’t be sent. Pack it as a ZIP file, or choose the files in it.'
    : 'Folders can’t be sent. Pack them as ZIP files, or choose the files in them.';
}
