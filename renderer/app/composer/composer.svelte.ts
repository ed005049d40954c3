/** What a person writes into one conversation: text, reply, draft on disk, and sending without ever losing a word. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import { limits } from '../../../bridge/text-rules.ts';
import type { MessageView } from '../../../bridge/views.ts';
import { faultOf, type Fault } from '../faults.ts';
import type { ConversationId } from '../ids.ts';

type Engine = Pick<RpcClient<EngineContract>, 'invoke'>;

/** The count shows from here on. */
export const countFrom = 15_000;
const draftDelayMs = 400;
const typingEveryMs = 3_000;
const typingEndsMs = 5_000;
const longestDraft = limits.textCharacters * 4;

/** Blank lines around a message are no part of it; the spaces that begin its first line are. */
export function messageText(typed: string): string {
  return typed.replace(/^(?:[^\S\n]*\n)+/u, '').trimEnd();
}

export class Composer {
  readonly conversation: ConversationId;
  readonly #engine: Engine;
  #text = $state.raw('');
  #reply = $state.raw<MessageView | null>(null);
  #fault = $state.raw<Fault | null>(null);
  readonly #message = $derived(messageText(this.#text));
  #saved = '';
  #touched = false;
  #draftTimer: ReturnType<typeof setTimeout> | undefined;
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  #typingTold = 0;

  constructor(engine: Engine, conversation: ConversationId) {
    this.#engine = engine;
    this.conversation = conversation;
  }

  get text(): string {
    return this.#text;
  }
  set text(text: string) {
    this.#put(text);
    this.#tellTyping();
  }
  get reply(): MessageView | null {
    return this.#reply;
  }
  set reply(message: MessageView | null) {
    this.#reply = message;
  }
  /** Why the last send or draft did not work. */
  get fault(): Fault | null {
    return this.#fault;
  }
  get length(): number {
    return this.#message.length;
  }
  get tooLong(): boolean {
    return this.length > limits.textCharacters;
  }
  get canSend(): boolean {
    return this.length > 0 && !this.tooLong;
  }

  /** Puts the stored draft in, unless the person has begun to write. */
  restore(draft: string | null): void {
    if (this.#touched) return;
    this.#touched = true;
    this.#text = draft ?? '';
    this.#saved = this.#text;
  }

  #put(text: string): void {
    this.#touched = true;
    this.#text = text;
    clearTimeout(this.#draftTimer);
    this.#draftTimer = setTimeout(() => void this.flush(), draftDelayMs);
  }

  /** Stores the draft now: before the conversation is left. */
  async flush(): Promise<void> {
    clearTimeout(this.#draftTimer);
    const text = this.#text.trim() === '' ? '' : this.#text.slice(0, longestDraft);
    if (text === this.#saved) return;
    const before = this.#saved;
    this.#saved = text;
    try {
      await this.#engine.invoke('drafts.set', { conversation: this.conversation, text });
    } catch {
      // The text is still in the field; the next keystroke or switch stores it again.
      this.#saved = before;
    }
  }

  /** Clears the field at once; if the outbox could not take the message, its text comes back. */
  async send(): Promise<MessageView | null> {
    const text = this.#message;
    const reply = this.#reply;
    if (!this.canSend) return null;
    this.#fault = null;
    this.#reply = null;
    this.#put('');
    this.stopTyping();
    void this.flush();
    try {
      const replyTo = reply ? { replyTo: reply.id } : {};
      return await this.#engine.invoke('messages.send', { conversation: this.conversation, text, ...replyTo });
    } catch (error) {
      this.#fault = faultOf(error);
      this.#reply ??= reply;
      this.#put(this.#text === '' ? text : `${text}\n${this.#text}`);
      return null;
    }
  }

  /** What was written went out with files: field, draft and reply are done with. */
  wentOut(): void {
    this.#fault = null;
    this.#reply = null;
    this.#put('');
    this.stopTyping();
    void this.flush();
  }

  dismissFault(): void {
    this.#fault = null;
  }

  #tellTyping(): void {
    if (this.#message === '') return this.stopTyping();
    clearTimeout(this.#typingTimer);
    this.#typingTimer = setTimeout(() => this.stopTyping(), typingEndsMs);
    const now = Date.now();
    if (now - this.#typingTold < typingEveryMs) return;
    this.#typingTold = now;
    this.#setTyping(true);
  }

  stopTyping(): void {
    clearTimeout(this.#typingTimer);
    if (this.#typingTold === 0) return;
    this.#typingTold = 0;
    this.#setTyping(false);
  }

  /** Typing is a courtesy: where it can't be told, nothing is lost. */
  #setTyping(typing: boolean): void {
    this.#engine.invoke('typing.set', { conversation: this.conversation, typing }).catch(() => undefined);
  }
}
