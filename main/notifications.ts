/** The system's notifications: one a conversation, replaced by newer messages, gone once the conversation was read. */
import { Notification } from 'electron';
import type { ConversationId } from '../protocol/index.ts';
import { describeError, type Log } from './log.ts';
import { notificationFor, type Arrival, type NotificationWords } from './notification-policy.ts';
import type { SettingsStore } from './settings-file.ts';

export interface Notifications {
  handleArrival(arrival: Arrival): void;
  handleRead(conversation: ConversationId): void;
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
}

interface Shown {
  readonly notification: Notification;
  readonly count: number;
}

export function createNotifications(options: NotificationsOptions): Notifications {
  const { settings, log, onScreen } = options;
  const shown = new Map<ConversationId, Shown>();

  function remove(conversation: ConversationId): void {
    const notification = shown.get(conversation)?.notification;
    shown.delete(conversation);
    notification?.close();
  }

  function show(conversation: ConversationId, words: NotificationWords, count: number): void {
    const body = options.platform === 'linux' ? escapeMarkup(words.body) : words.body;
    const notification = new Notification({ ...words, body, icon: options.icon });
    notification.on('click', () => {
      remove(conversation);
      options.onOpen(conversation);
    });
    notification.on('failed', (_event, error) => log.warn('notification.failed', { error }));
    remove(conversation);
    shown.set(conversation, { notification, count });
    notification.show();
  }

  return {
    handleArrival(arrival) {
      if (!Notification.isSupported()) return;
      const count = (shown.get(arrival.conversation)?.count ?? 0) + 1;
      const words = notificationFor(arrival, settings.get(), onScreen(), count);
      if (words === null) return;
      try {
        show(arrival.conversation, words, count);
      } catch (error) {
        log.warn('notification.failed', { error: describeError(error) });
      }
    },
    handleRead: remove,
    handleUnread(total) {
      if (total === 0) for (const conversation of [...shown.keys()]) remove(conversation);
    },
  };
}

/** Linux' notification services read the body as markup (freedesktop's Desktop Notifications Specification). */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
