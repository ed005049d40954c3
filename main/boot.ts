/** Boots the app's parts, in order, once Electron is ready. */
import { join } from 'node:path';
import { app, Notification } from 'electron';
import type { AppInfo } from '../bridge/shell-contract.ts';
import { createMenuActions, openConversation } from './app-actions.ts';
import { locateAppFiles } from './app-files.ts';
import { serveAppPages } from './app-protocol.ts';
import { createBadge, createUnreadMarks } from './badge.ts';
import { createCloseHandler } from './closing.ts';
import { setupContextMenu } from './context-menu.ts';
import { createEngineHost } from './engine-host.ts';
import { startEngineProcess } from './engine-process.ts';
import { createEngineStart } from './engine-start.ts';
import { askAboutEngine } from './engine-trouble.ts';
import { systemSealing } from './keychain.ts';
import { createBoundedFile, type Log } from './log.ts';
import { createMainWindow } from './main-window.ts';
import { setupMenu } from './menu.ts';
import { createNotifications } from './notifications.ts';
import { setupPageBridge } from './page-bridge.ts';
import { setupPageRecovery } from './page-recovery.ts';
import { onAwake } from './power.ts';
import { windowTitle, type Profile } from './profile.ts';
import { setupQuit } from './quit.ts';
import type { RelaySuggestion } from './relay-suggestion.ts';
import { createRestartPolicy } from './restart-policy.ts';
import { createSecretStore, type SecretStore } from './secrets.ts';
import { secureDefaultSession } from './security.ts';
import { createSettingsStore } from './settings-file.ts';
import { createShellService } from './shell-service.ts';
import { onSecondInstance } from './single-instance.ts';
import { hasNotificationService, hasTray } from './session-bus.ts';
import { setupTheme } from './theme.ts';
import { createTray } from './tray.ts';

export interface BootContext {
  readonly profile: Profile;
  readonly log: Log;
  readonly logFile: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: 'darwin' | 'linux' | 'win32';
  readonly hostname: string;
  readonly suggestion: RelaySuggestion;
}

const closeDeadlineMs = 5_000;

/** After `ready`. */
export function bootApp(context: BootContext): void {
  const { profile, log, logFile, platform, suggestion } = context;
  const files = locateAppFiles(app.getAppPath());
  const title = windowTitle(profile);
  secureDefaultSession(log);
  serveAppPages(files.pagesDir);

  const settings = createSettingsStore(join(profile.dir, 'settings.json'), log);
  setupTheme(settings);
  const secrets = createSecretStore(join(profile.dir, 'session.json'), systemSealing(), log);
  const service = createShellService({
    settings,
    info: () => describeApp(context, secrets),
    dataDir: profile.dir,
    log,
  });

  const engine = createEngineHost({
    launch: () => launchEngine(context, files.engineEntry, secrets),
    policy: createRestartPolicy(() => performance.now()),
    events: {
      'message.arrived': (arrival) => notifications.handleArrival(arrival),
      'conversation.read': ({ conversation }) => notifications.handleRead(conversation),
      'unread.changed': ({ total }) => unread.set(total),
      'storage.failed': ({ code }) => log.error('engine.storage-failed', { code }),
    },
    log,
    onGivenUp: () => askAboutEngine(logFile),
    closeDeadlineMs,
  });
  const quitting = setupQuit(() => engine.stop(), log);
  engine.start();

  const main = createMainWindow({
    title,
    icon: files.icon,
    preload: files.preload,
    stateFile: join(profile.dir, 'window.json'),
    log,
    isQuitting: quitting.isQuitting,
    onFocus: (focused) => service.emit('window.focused', focused),
    onClose: createCloseHandler({ settings, platform, hasTray: () => hasTray(platform, context.env), log }),
  });
  const notifications = createNotifications({
    settings,
    icon: files.icon,
    log,
    onScreen: () => ({ showing: service.showing(), focused: main.isFocused() }),
    onOpen: openConversation({ main, service }),
  });
  const unread = createUnreadMarks();
  unread.add(createBadge(main.window, files.trayDir, platform));

  setupPageBridge({ engine, serveShell: service.serve, onOnline: engine.wake, log });
  setupPageRecovery(main.window, log);
  setupContextMenu(main.window);
  const quit = (): void => app.quit();
  const actions = { main, service, settings, homepage: files.homepage, logFile, quit, log };
  setupMenu(createMenuActions(actions), { platform, devTools: !app.isPackaged });
  void hasTray(platform, context.env).then((present) => {
    log.info('tray.checked', { present });
    if (!present) return;
    const tray = { title, trayDir: files.trayDir, platform, settings, onOpen: main.show, onQuit: quit };
    unread.add(createTray(tray).setUnread);
  });
  onAwake(engine.wake);

  suggestion.onChange((relay) => service.emit('relay.suggested', { relay }));
  onSecondInstance((link) => {
    main.show();
    if (link !== null) suggestion.accept(link);
  });
  app.on('activate', main.show);
}

function launchEngine({ profile, hostname, platform, log }: BootContext, entry: string, secrets: SecretStore) {
  return startEngineProcess({
    entry,
    start: createEngineStart({ profileDir: profile.dir, appVersion: app.getVersion(), hostname, platform }),
    handlers: {
      'secret.load': () => secrets.load(),
      'secret.save': ({ secret }) => secrets.save(secret),
      'secret.erase': () => secrets.erase(),
    },
    log,
    onOutput: createBoundedFile({ file: join(profile.dir, 'engine-output.log') }),
  });
}

async function describeApp(context: BootContext, secrets: SecretStore): Promise<AppInfo> {
  const { profile, platform, suggestion, env } = context;
  return {
    version: app.getVersion(),
    platform,
    profile: profile.name,
    dataDir: profile.dir,
    secretStorage: secrets.storage,
    suggestedRelay: suggestion.get(),
    notificationsSupported: Notification.isSupported() && (await hasNotificationService(platform, env)),
  };
}
