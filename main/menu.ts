/** The app's menu, as each system expects it. */
import { Menu, type MenuItemConstructorOptions } from 'electron';

export interface MenuActions {
  newConversation(): void;
  search(): void;
  settings(): void;
  zoom(change: 'in' | 'out' | 'reset'): void;
  showLogFolder(): void;
  /** Opens the documentation; null where the build names none. */
  readonly openDocumentation: (() => void) | null;
  quit(): void;
}

export interface MenuOptions {
  readonly platform: NodeJS.Platform;
  /** Whether the developer's tools can be opened. */
  readonly devTools: boolean;
}

export function setupMenu(actions: MenuActions, options: MenuOptions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(createMenuTemplate(actions, options)));
}

/** Items that act on the page have ids, by which tests find them. */
export function createMenuTemplate(actions: MenuActions, options: MenuOptions): MenuItemConstructorOptions[] {
  const isMac = options.platform === 'darwin';
  return [
    ...(isMac ? [macAppMenu(actions)] : []),
    fileMenu(actions, isMac),
    editMenu(actions),
    viewMenu(actions, options),
    { role: 'windowMenu' },
    helpMenu(actions),
  ];
}

function macAppMenu(actions: MenuActions): MenuItemConstructorOptions {
  return {
    label: 'Parley',
    submenu: [
      { role: 'about' },
      { type: 'separator' },
      settingsItem(actions),
      { type: 'separator' },
      { role: 'services' },
      { type: 'separator' },
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      { type: 'separator' },
      quitItem(actions),
    ],
  };
}

function fileMenu(actions: MenuActions, isMac: boolean): MenuItemConstructorOptions {
  const others: MenuItemConstructorOptions[] = [settingsItem(actions), { type: 'separator' }];
  return {
    label: '&File',
    submenu: [
      {
        id: 'new-conversation',
        label: '&New conversation',
        accelerator: 'CmdOrCtrl+N',
        click: () => actions.newConversation(),
      },
      { type: 'separator' },
      ...(isMac ? [] : others),
      { role: 'close' },
      ...(isMac ? [] : [quitItem(actions)]),
    ],
  };
}

function editMenu(actions: MenuActions): MenuItemConstructorOptions {
  return {
    label: '&Edit',
    submenu: [
      { role: 'undo' },
      { role: 'redo' },
      { type: 'separator' },
      { role: 'cut' },
      { role: 'copy' },
      { role: 'paste' },
      { role: 'pasteAndMatchStyle' },
      { role: 'selectAll' },
      { type: 'separator' },
      { id: 'search', label: '&Search', accelerator: 'CmdOrCtrl+F', click: () => actions.search() },
    ],
  };
}

/** Zooming is the text-size setting, so that it is remembered and the same in menu and settings. */
function viewMenu(actions: MenuActions, { devTools }: MenuOptions): MenuItemConstructorOptions {
  return {
    label: '&View',
    submenu: [
      { id: 'zoom-in', label: 'Larger text', accelerator: 'CmdOrCtrl+Plus', click: () => actions.zoom('in') },
      { accelerator: 'CmdOrCtrl+=', label: 'Larger text', visible: false, click: () => actions.zoom('in') },
      { id: 'zoom-out', label: 'Smaller text', accelerator: 'CmdOrCtrl+-', click: () => actions.zoom('out') },
      { id: 'zoom-reset', label: 'Usual text size', accelerator: 'CmdOrCtrl+0', click: () => actions.zoom('reset') },
      { type: 'separator' },
      { role: 'togglefullscreen' },
      ...(devTools ? [{ role: 'reload' as const }, { role: 'toggleDevTools' as const }] : []),
    ],
  };
}

function helpMenu(actions: MenuActions): MenuItemConstructorOptions {
  const { openDocumentation } = actions;
  const documentation = openDocumentation && {
    id: 'documentation',
    label: 'Parley &help',
    click: () => openDocumentation(),
  };
  return {
    role: 'help',
    submenu: [
      ...(documentation ? [documentation] : []),
      { id: 'show-logs', label: 'Show &log folder', click: () => actions.showLogFolder() },
      { role: 'about' },
    ],
  };
}

function settingsItem(actions: MenuActions): MenuItemConstructorOptions {
  return { id: 'settings', label: '&Settings…', accelerator: 'CmdOrCtrl+,', click: () => actions.settings() };
}

function quitItem(actions: MenuActions): MenuItemConstructorOptions {
  return { id: 'quit', label: '&Quit Parley', accelerator: 'CmdOrCtrl+Q', click: () => actions.quit() };
}
