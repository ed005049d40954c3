/** What menu, tray and notifications make the app do. */
import { shell } from 'electron';
import type { ConversationId } from '../protocol/index.ts';
import { openLink } from './links.ts';
import { describeError, type Log } from './log.ts';
import type { MainWindow } from './main-window.ts';
import type { MenuActions } from './menu.ts';
import type { SettingsStore } from './settings-file.ts';
import type { ShellService } from './shell-service.ts';
import { nextTextScale } from './text-scale.ts';

interface AppActionsOptions {
  readonly main: Pick<MainWindow, 'show'>;
  readonly service: ShellService;
  readonly settings: SettingsStore;
  readonly homepage: string | null;
  readonly logFile: string;
  readonly quit: () => void;
  readonly log: Log;
}

export function createMenuActions(options: AppActionsOptions): MenuActions {
  const { main, service, settings, homepage, log } = options;
  const open = (name: 'open.new-conversation' | 'open.search' | 'open.settings') => (): void => {
    main.show();
    service.emit(name, null);
  };
  const visit = (url: string) => (): void => {
    openLink(url).catch((error: unknown) => log.warn('link.failed', { error: describeError(error) }));
  };
  return {
    newConversation: open('open.new-conversation'),
    search: open('open.search'),
    settings: open('open.settings'),
    zoom: (change) => settings.set({ textScale: nextTextScale(settings.get().textScale, change) }),
    showLogFolder: () => shell.showItemInFolder(options.logFile),
    openDocumentation: homepage === null ? null : visit(homepage),
    quit: options.quit,
  };
}

/** Brings the window up on a conversation; the page is told as soon as it is connected. */
export function openConversation({ main, service }: Pick<AppActionsOptions, 'main' | 'service'>) {
  return (conversation: ConversationId): void => {
    main.show();
    service.emit('open.conversation', { conversation });
  };
}
