/** The system's notifications: one a conversation, replaced by newer messages, gone once the conversation was read. */
import { Notification } from 'electron';
import type { ConversationId } from '../protocol/index.ts';
import { describeError, type Log } from './log.ts';
import { newDeviceNotification, notificationFor, type Arrival, type NotificationWords } from './notification-policy.ts';
import type { SettingsStore } from './settings-file.ts';

export interface Notifications {
  handleArrival(arrival: Arrival): void;
  handleRead(conversation: ConversationId): void;
  handleNewDevices(names: readonly string[]): void;
  /** At none all notifications go: everything was read, or the person logged out and their messages must not stay. */
  handleUnread(total: number): void;
}

interface NotificationsOptions {
  readonly settings: SettingsStore;
  readonly icon: string;
  readonly platform: NodeJS.Platform;
  readonly log: Log;
  /** What the person looks at right now. */
  readonly onScreen: () => { showing: ConversationId | null; focused: boolean };
  readonly onOpen: (conversation: ConversationId) => void;
  /** Brings up the window, which tells of new devices. */
  readonly onShow: () => void;
}

interface Shown {
  readonly notification: Notification;
  readonly count: number;
}

export function createNotifications(options: NotificationsOptions): Notifications {
  const { settings, log, onScreen } = options;
  const shown = new Map<ConversationId, Shown>();
  /** The last one about new devices; kept, or it could be collected before it is clicked. */
  let warning: Notification | null = null;

  function remove(conversation: ConversationId): void {
    const notification = shown.get(conversation)?.notification;
    shown.delete(conversation);
    notification?.close();
  }

  /** @param words null for none. @param keep before it is shown: takes the place of an earlier one. */
  function raise(
    words: NotificationWords | null,
    onClick: () => void,
    keep: (notification: Notification) => void,
  ): void {
    if (words === null || !Notification.isSupported()) return;
    try {
      const body = options.platform === 'linux' ? escapeMarkup(words.body) : words.body;
      const notification = new Notification({ ...words, body, icon: options.icon });
      notification.on('click', onClick);
      notification.on('failed', (_event, error) => log.warn('notification.failed', { error }));
      keep(notification);
      notification.show();
    } catch (error) {
      log.warn('notification.failed', { error: describeError(error) });
    }
  }

  return {
    handleArrival(arrival) {
      const { conversation } = arrival;
      const count = (shown.get(conversation)?.count ?? 0) + 1;
      const open = (): void => {
        remove(conversation);
        options.onOpen(conversation);
      };
      raise(notificationFor(arrival, settings.get(), onScreen(), count), open, (notification) => {
        remove(conversation);
        shown.set(conversation, { notification, count });
      });
    },
    handleRead: remove,
    handleNewDevices(names) {
      const show = (): void => {
        warning?.close();
        options.onShow();
      };
      raise(newDeviceNotification(names, settings.get(), onScreen()), show, (notification) => {
        warning?.close();
        warning = notification;
      });
    },
    handleUnread(total) {
      if (total === 0) for (const conversation of [...shown.keys()]) remove(conversation);
    },
  };
}

/** Linux' notification services read the body as markup (freedesktop's Desktop Notifications Specification). */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
