/** The icon in the tray, with a mark for unread messages and a short menu. */
import { join } from 'node:path';
import { Menu, nativeImage, Tray, type MenuItemConstructorOptions, type NativeImage } from 'electron';
import type { Settings } from '../bridge/shell-contract.ts';
import { unreadLabel, type UnreadMarks } from './badge.ts';
import { describeError, type Log } from './log.ts';
import type { SettingsStore } from './settings-file.ts';

interface AppTray {
  setUnread(total: number): void;
}

interface TrayOptions {
  readonly trayDir: string;
  readonly title: string;
  readonly platform: NodeJS.Platform;
  readonly settings: SettingsStore;
  readonly onOpen: () => void;
  readonly onQuit: () => void;
}

const notificationLabels = {
  full: 'Show who wrote and what',
  private: 'Show only that somebody wrote',
  off: 'Off',
} as const satisfies Record<Settings['notifications'], string>;

/** Shows the icon where the desktop has a place for it. */
export function setupTray(options: TrayOptions, unread: UnreadMarks, hasTray: () => Promise<boolean>, log: Log): void {
  hasTray().then(
    (present) => {
      log.info('tray.checked', { present });
      if (present) unread.add(createTray(options).setUnread);
    },
    (error: unknown) => log.warn('tray.failed', { error: describeError(error) }),
  );
}

function createTray({ trayDir, title, platform, settings, onOpen, onQuit }: TrayOptions): AppTray {
  const icons = { read: trayIcon(trayDir, 'tray', platform), unread: trayIcon(trayDir, 'tray-unread', platform) };
  const tray = new Tray(icons.read);
  const updateMenu = (): void => tray.setContextMenu(Menu.buildFromTemplate(menuItems(settings, onOpen, onQuit)));
  tray.setToolTip(title);
  tray.on('click', onOpen);
  updateMenu();
  settings.onChange(updateMenu);
  return {
    setUnread(total) {
      tray.setImage(total > 0 ? icons.unread : icons.read);
      tray.setToolTip(total > 0 ? `${title}: ${unreadLabel(total)}` : title);
    },
  };
}

function menuItems(settings: SettingsStore, onOpen: () => void, onQuit: () => void): MenuItemConstructorOptions[] {
  const modes = Object.entries(notificationLabels) as [Settings['notifications'], string][];
  return [
    { label: 'Open Parley', click: onOpen },
    {
      label: 'Notifications',
      submenu: modes.map(([mode, label]) => ({
        label,
        type: 'radio',
        checked: settings.get().notifications === mode,
        click: () => settings.set({ notifications: mode }),
      })),
    },
    { type: 'separator' },
    { label: 'Quit Parley', click: onQuit },
  ];
}

/** macOS colours its own: black with transparency, called a template image. */
function trayIcon(dir: string, name: string, platform: NodeJS.Platform): NativeImage {
  const image = nativeImage.createFromPath(join(dir, platform === 'darwin' ? `${name}-mac.png` : `${name}.png`));
  if (platform === 'darwin') image.setTemplateImage(true);
  return image;
}
