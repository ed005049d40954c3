/** The menu of a right click: spelling and editing in text fields, copying elsewhere. */
import { clipboard, Menu, type BrowserWindow, type ContextMenuParams, type MenuItemConstructorOptions } from 'electron';
import { allowedLink } from './link-policy.ts';

export function setupContextMenu(window: BrowserWindow): void {
  window.webContents.on('context-menu', (_event, params) => {
    const items = [...spellingItems(window, params), ...linkItems(params), ...editItems(params)];
    if (items.length > 0) Menu.buildFromTemplate(items).popup({ window });
  });
}

function spellingItems(
  { webContents }: BrowserWindow,
  { misspelledWord, dictionarySuggestions, isEditable }: ContextMenuParams,
): MenuItemConstructorOptions[] {
  if (!isEditable || !misspelledWord) return [];
  const suggestions = dictionarySuggestions.slice(0, 5).map((word) => ({
    label: word,
    click: () => webContents.replaceMisspelling(word),
  }));
  return [
    ...(suggestions.length > 0 ? suggestions : [{ label: 'No suggestions', enabled: false }]),
    {
      label: 'Add to dictionary',
      click: () => void webContents.session.addWordToSpellCheckerDictionary(misspelledWord),
    },
    { type: 'separator' },
  ];
}

function linkItems({ linkURL }: ContextMenuParams): MenuItemConstructorOptions[] {
  const link = allowedLink(linkURL);
  return link === null ? [] : [{ label: 'Copy link', click: () => clipboard.writeText(link) }];
}

function editItems({ isEditable, selectionText, editFlags }: ContextMenuParams): MenuItemConstructorOptions[] {
  const hasSelection = selectionText.trim() !== '';
  if (!isEditable) return hasSelection ? [{ role: 'copy' }] : [];
  return [
    { role: 'cut', enabled: editFlags.canCut && hasSelection },
    { role: 'copy', enabled: editFlags.canCopy && hasSelection },
    { role: 'pasteAndMatchStyle', label: 'Paste', enabled: editFlags.canPaste },
    { role: 'selectAll', enabled: editFlags.canSelectAll },
  ];
}
