/** What a person writes into one conversation: text, reply, draft on disk, and sending without ever losing a word. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import { limits } from '../../../bridge/text-rules.ts';
import type { MessageView } from '../../../bridge/views.ts';
import { faultOf } from '../faults.ts';
import type { ConversationId, MessageId } from '../ids.ts';
import type { MessageChange } from '../chat/message-window.ts';
import { DraftEcho } from './draft-echo.ts';
import { Editing } from './editing.svelte.ts';
import { messageText } from './message-text.ts';

type Engine = Pick<RpcClient<EngineContract>, 'invoke'>;

/** The count shows from here on. */
export const countFrom = 15_000;
const draftDelayMs = 400;
const typingEveryMs = 3_000;
const typingEndsMs = 5_000;
const longestDraft = limits.textCharacters * 4;

/** Why something typed did not go out. */
export interface ComposerFault {
  readonly what: 'Not sent' | 'Not changed';
  readonly message: string;
}

export class Composer {
  readonly conversation: ConversationId;
  readonly #engine: Engine;
  #text = $state.raw('');
  #reply = $state.raw<MessageView | null>(null);
  #editing = $state.raw<Editing | null>(null);
  #fault = $state.raw<ComposerFault | null>(null);
  readonly #message = $derived(messageText(this.#text));
  readonly #draft = new DraftEcho();
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
  /** The own message that is being changed; text and draft stay what they are meanwhile. */
  get editing(): Editing | null {
    return this.#editing;
  }
  /** Why the last send or change did not work. */
  get fault(): ComposerFault | null {
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

  /** The draft as the engine has it now, perhaps typed on another device; what was typed here since stands. */
  followDraft(draft: string | null): void {
    if (this.#draft.isForeign(draft ?? '', this.#toKeep())) this.#text = draft ?? '';
  }

  #toKeep(): string {
    return this.#text.trim() === '' ? '' : this.#text.slice(0, longestDraft);
  }

  #put(text: string): void {
    this.#text = text;
    clearTimeout(this.#draftTimer);
    this.#draftTimer = setTimeout(() => void this.flush(), draftDelayMs);
  }

  /** Stores the draft now: before the conversation is left. */
  async flush(): Promise<void> {
    clearTimeout(this.#draftTimer);
    const text = this.#toKeep();
    if (text === this.#draft.kept) return;
    const takeBack = this.#draft.keep(text);
    try {
      await this.#engine.invoke('drafts.set', { conversation: this.conversation, text });
    } catch {
      // The text is still in the field; the next keystroke or switch stores it again.
      takeBack();
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
      this.#fault = { what: 'Not sent', message: faultOf(error).message };
      this.#reply ??= reply;
      this.#put(this.#text === '' ? text : `${text}\n${this.#text}`);
      return null;
    }
  }

  edit(message: MessageView): void {
    this.stopTyping();
    this.#fault = null;
    this.#editing = new Editing(message);
  }

  /** Leaves the message as it is. @param message only if it is this one that is being changed */
  leaveEdit(message = this.#editing?.message.id): void {
    if (this.#editing?.message.id === message) this.#editing = null;
  }

  /** Leaves at once; if the outbox could not take the change, the new text comes back. */
  async saveEdit(): Promise<void> {
    const editing = this.#editing;
    if (!editing || editing.tooLong || editing.emptied) return;
    this.#editing = null;
    this.#fault = null;
    if (!editing.changed) return;
    const target = { conversation: this.conversation, message: editing.message.id };
    try {
      await this.#engine.invoke('messages.edit', { ...target, text: editing.typed });
    } catch (error) {
      this.#fault = { what: 'Not changed', message: faultOf(error).message };
      this.#editing ??= editing;
    }
  }

  /** Messages changed: what is replied to is shown as it is now, and nobody goes on changing what is gone. */
  follow({ messages, removed }: MessageChange): void {
    const now = new Map(messages.map((message) => [message.id, message]));
    const gone = (id: MessageId): boolean => removed.includes(id) || now.get(id)?.content.kind === 'deleted';
    if (this.#reply) this.#reply = gone(this.#reply.id) ? null : (now.get(this.#reply.id) ?? this.#reply);
    if (this.#editing && gone(this.#editing.message.id)) this.#keepEdited(this.#editing);
  }

  /** The message went away under the hands of whoever changed it: their words go to the draft. */
  #keepEdited({ changed, typed }: Editing): void {
    this.#editing = null;
    if (!changed || typed === '') return;
    this.#put(this.#text === '' ? typed : `${this.#text}\n${typed}`);
    const message = 'The message was deleted meanwhile. Your words are in the field below.';
    this.#fault = { what: 'Not changed', message };
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
