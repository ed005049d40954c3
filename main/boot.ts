/** Boots the app's parts, in order, once Electron is ready. */
import { join } from 'node:path';
import { app } from 'electron';
import { createMenuActions, openConversation } from './app-actions.ts';
import { locateAppFiles } from './app-files.ts';
import { describeApp } from './app-info.ts';
import { serveAppPages } from './app-protocol.ts';
import type { BootContext } from './boot-context.ts';
import { createBadge, createUnreadMarks } from './badge.ts';
import { createCloseHandler } from './closing.ts';
import { setupContextMenu } from './context-menu.ts';
import { createDataFiles } from './data-files.ts';
import { setupEngine } from './engine-setup.ts';
import { systemSealing } from './keychain.ts';
import { createMainWindow, type MainWindow } from './main-window.ts';
import { createMediaFiles } from './media-files.ts';
import { serveMedia } from './media-protocol.ts';
import { setupMenu } from './menu.ts';
import { createNotifications } from './notifications.ts';
import { setupPageBridge } from './page-bridge.ts';
import { setupPageRecovery } from './page-recovery.ts';
import { createPeerPage } from './peer-page.ts';
import { createWakefulness, onAwake } from './power.ts';
import { windowTitle } from './profile.ts';
import { setupQuit } from './quit.ts';
import { createSecretStore } from './secrets.ts';
import { secureDefaultSession } from './security.ts';
import { hasTray } from './session-bus.ts';
import { createSettingsStore } from './settings-file.ts';
import { createShellService } from './shell-service.ts';
import { onSecondInstance } from './single-instance.ts';
import { setupTheme } from './theme.ts';
import { setupTray } from './tray.ts';

/** After `ready`. @throws ParleyError when the app's own files are not there. */
export function bootApp(context: BootContext): void {
  const { profile, log, logFile, platform, suggestion } = context;
  const { dir } = profile;
  const files = locateAppFiles(app.getAppPath());
  const title = windowTitle(profile);
  const isTrayThere = (): Promise<boolean> => hasTray(platform, context.env);
  const quit = (): void => app.quit();
  secureDefaultSession(log);
  serveAppPages(files.pagesDir);

  const settings = createSettingsStore(join(dir, 'settings.json'), log);
  setupTheme(settings);
  const secrets = createSecretStore(join(dir, 'session.json'), systemSealing(), log);
  const unread = createUnreadMarks();
  const stayAwake = createWakefulness();
  const peers = createPeerPage({ preload: files.preload, givePort: (port) => engine.addPeer(port), log });
  const engine = setupEngine(
    context,
    files.engineEntry,
    { secrets, peers },
    {
      'message.arrived': (arrival) => notifications.handleArrival(arrival),
      'conversation.read': ({ conversation }) => notifications.handleRead(conversation),
      'devices.appeared': ({ names }) => notifications.handleNewDevices(names),
      'unread.changed': ({ total }) => {
        unread.set(total);
        notifications.handleUnread(total);
      },
      'transfers.moving': ({ moving }) => stayAwake(moving),
      'storage.failed': ({ code }) => log.error('engine.storage-failed', { code }),
    },
  );
  serveMedia(engine.ask);
  const media = createMediaFiles({ ask: engine.ask, openedDir: join(dir, 'opened'), window: () => main.window, log });
  const data = createDataFiles({ ask: engine.ask, window: () => main.window });
  const info = () => describeApp(context, secrets);
  const service = createShellService({ settings, info, files: media, data, dataDir: dir, log });
  const { isQuitting } = setupQuit(() => Promise.all([engine.stop(), media.clearOpened()]), log);
  setupPageBridge({ engine, peers, serveShell: service.serve, onOnline: engine.wake, log });
  engine.start();
  onAwake(engine.wake);

  const { icon, preload } = files;
  const onClose = createCloseHandler({ settings, platform, hasTray: isTrayThere, log });
  const onFocus = (focused: boolean): void => {
    // Whoever turns to the window is not to wait on a link that died unnoticed.
    if (focused) engine.wake();
    service.emit('window.focused', focused);
  };
  const stateFile = join(dir, 'window.json');
  const main: MainWindow = createMainWindow({ title, icon, preload, stateFile, log, isQuitting, onFocus, onClose });
  setupPageRecovery(main.window, log);
  setupContextMenu(main.window);

  const onScreen = () => ({ showing: service.showing(), focused: main.isFocused() });
  const onOpen = openConversation({ main, service });
  const notifications = createNotifications({ settings, icon, platform, log, onScreen, onOpen, onShow: main.show });
  const menuActions = createMenuActions({ main, service, settings, homepage: files.homepage, logFile, quit, log });
  setupMenu(menuActions, { platform, devTools: !app.isPackaged });
  unread.add(createBadge(main.window, files.trayDir, platform));
  const tray = { title, trayDir: files.trayDir, platform, settings, onOpen: main.show, onQuit: quit };
  setupTray(tray, unread, isTrayThere, log);

  suggestion.onChange((relay) => service.emit('relay.suggested', { relay }));
  onSecondInstance((link) => {
    main.show();
    if (link !== null) suggestion.accept(link);
  });
  app.on('activate', main.show);
}
