/** What can be done with a message. */
import type { MessageView } from '../../../bridge/views.ts';
import type { MessageId } from '../ids.ts';

export interface MessageActions {
  reply(message: MessageView): void;
  copy(message: MessageView): void;
  retry(message: MessageView): void;
  discard(message: MessageView): void;
  goTo(message: MessageId): void;
  openLink(url: string): void;
}
