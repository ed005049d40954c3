/** What can be done with a message. */
import type { MessageView } from '../../../bridge/views.ts';
import type { MessageId } from '../ids.ts';
import type { Anchor } from '../parts/floating-place.ts';

/** `react`: the usual reactions alone; `menu`: all actions; `picker`: all emoji. */
export type MenuShape = 'react' | 'menu' | 'picker';

/** What is open beside a message. */
export interface MenuPlace {
  readonly message: MessageId;
  readonly shape: MenuShape;
  readonly anchor: Anchor;
}

export interface MessageActions {
  readonly openMenu: (place: MenuPlace) => void;
  readonly closeMenu: () => void;
  readonly react: (message: MessageView, emoji: string, on: boolean) => void;
  readonly reply: (message: MessageView) => void;
  /** Begins with the message's words, or with those of an edit that failed. */
  readonly edit: (message: MessageView) => void;
  readonly copy: (message: MessageView) => void;
  /** Asks first. */
  readonly delete: (message: MessageView) => void;
  readonly retry: (message: MessageView) => void;
  readonly discard: (message: MessageView) => void;
  /** Sends changes that failed again, or gives them up. */
  readonly retryChange: (message: MessageView) => void;
  readonly discardChange: (message: MessageView) => void;
  readonly goTo: (message: MessageId) => void;
  readonly openLink: (url: string) => void;
}
