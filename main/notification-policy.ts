/** Whether a message raises a notification, and what the notification tells. */
import type { ConversationId } from '../protocol/index.ts';
import type { Settings } from '../bridge/shell-contract.ts';

export interface Arrival {
  readonly conversation: ConversationId;
  readonly title: string;
  readonly text: string;
}

interface OnScreen {
  /** The conversation that the page shows. */
  readonly showing: ConversationId | null;
  readonly focused: boolean;
}

export interface NotificationWords {
  readonly title: string;
  readonly body: string;
  readonly silent: boolean;
}

const longestBody = 240;

/** @param waiting how many messages of the conversation the person has not seen, this one included. @returns null for none. */
export function notificationFor(
  { conversation, title, text }: Arrival,
  { notifications, notificationSound }: Settings,
  { showing, focused }: OnScreen,
  waiting: number,
): NotificationWords | null {
  if (notifications === 'off' || (focused && showing === conversation)) return null;
  const silent = !notificationSound;
  if (notifications === 'private') {
    return { title: 'Parley', body: waiting > 1 ? `${waiting} new messages` : 'New message', silent };
  }
  return { title: waiting > 1 ? `${title} (${waiting})` : title, body: shorten(text), silent };
}

/** A warning of the account's safety. @returns null where the window itself shows it. */
export function newDeviceNotification(
  names: readonly string[],
  { notifications, notificationSound }: Settings,
  { focused }: Pick<OnScreen, 'focused'>,
): NotificationWords | null {
  if (notifications === 'off' || focused) return null;
  const which = notifications === 'private' ? '' : `${shorten(names.join(', '))}. `;
  const title = names.length === 1 ? 'A new device logged in to your account' : 'New devices logged in to your account';
  const body = `${which}If that was not you, open Parley and log it out.`;
  return { title, body, silent: !notificationSound };
}

function shorten(text: string): string {
  const characters = [...text];
  return characters.length <= longestBody ? text : `${characters.slice(0, longestBody - 1).join('')}…`;
}
