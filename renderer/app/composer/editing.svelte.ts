/** An own message that is being changed: its new text, apart from the draft, which waits below it. */
import { limits } from '../../../bridge/text-rules.ts';
import type { MessageView } from '../../../bridge/views.ts';
import { textOf } from '../chat/message-powers.ts';
import { messageText } from './message-text.ts';

export class Editing {
  readonly message: MessageView;
  #text = $state.raw('');
  readonly #typed = $derived(messageText(this.#text));

  /** Begins with what the message says, or with the words of an edit of it that did not get through. */
  constructor(message: MessageView) {
    this.message = message;
    this.#text = message.change?.text ?? textOf(message.content);
  }

  /** As it stands in the field. */
  get text(): string {
    return this.#text;
  }
  set text(text: string) {
    this.#text = text;
  }
  /** As it would be sent. */
  get typed(): string {
    return this.#typed;
  }
  get changed(): boolean {
    return this.#typed !== textOf(this.message.content);
  }
  /** Nothing would be left of the message: that is a deletion, and to be asked about. */
  get emptied(): boolean {
    return this.#typed === '' && this.message.content.kind === 'text';
  }
  get tooLong(): boolean {
    return this.#typed.length > limits.textCharacters;
  }
}
