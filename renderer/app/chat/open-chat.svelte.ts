/** The conversation on screen: its messages, its composer, what was read of it. Made on opening, left on closing. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { EventOf } from '../../../bridge/contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { ConversationView, MessageView } from '../../../bridge/views.ts';
import type { Composer } from '../composer/composer.svelte.ts';
import type { MessageId } from '../ids.ts';
import { ChatFind } from '../search/chat-find.svelte.ts';
import { spokenWords } from './message-words.ts';
import { ReadMarker } from './read-marker.svelte.ts';
import { SeenMedia } from './seen-media.ts';
import { Timeline } from './timeline.svelte.ts';

type Engine = Pick<RpcClient<EngineContract>, 'invoke'>;
type Change = EventOf<EngineContract, 'messages.changed'>;

interface Options {
  readonly engine: Engine;
  readonly conversation: ConversationView;
  readonly composer: Composer;
  /** Whether somebody can be looking. */
  readonly watching: () => boolean;
}

export class OpenChat {
  readonly id: ConversationView['id'];
  readonly timeline: Timeline;
  readonly composer: Composer;
  readonly find: ChatFind;
  readonly reader: ReadMarker;
  readonly seen: SeenMedia;
  readonly #engine: Engine;
  readonly #watching: () => boolean;
  #following = $state.raw(true);
  #topMessage: MessageId | null = null;
  #announcement = $state.raw('');

  constructor({ engine, conversation, composer, watching }: Options) {
    this.id = conversation.id;
    this.#engine = engine;
    this.#watching = watching;
    this.composer = composer;
    this.find = new ChatFind(engine, conversation.id);
    this.seen = new SeenMedia(engine, conversation.id);
    this.timeline = new Timeline(engine, conversation.id);
    this.reader = new ReadMarker(engine, conversation.id, conversation.readSeq, watching);
  }

  /** The list stands at its end and goes along with new messages. */
  get following(): boolean {
    return this.#following;
  }
  /** The newest arrival in words, for screen readers. */
  get announcement(): string {
    return this.#announcement;
  }

  /** Where the list stands now. */
  stands(following: boolean, topMessage: MessageId | null): void {
    this.#following = following;
    this.#topMessage = topMessage;
  }

  receive(change: Change): void {
    if (change.reload) return this.refresh();
    const known = new Set(this.timeline.messages.map(({ id }) => id));
    const arrived = change.messages.find(({ own, id, seq }) => !own && seq !== null && !known.has(id));
    this.timeline.apply(change);
    this.composer.follow(change);
    if (!arrived) return;
    this.#announcement = spokenWords(arrived);
    if (!this.#watching() && this.timeline.firstUnread === null) this.timeline.markUnreadFrom(arrived.id);
  }

  /** What is on screen may be old: loads it again without leaving the place. */
  refresh(): void {
    const place = this.#following && !this.timeline.hasNewer ? null : this.#topMessage;
    this.timeline.reload(place).catch(() => undefined);
  }

  /** Sends what the composer holds and goes to the end, where it stands. */
  async send(): Promise<void> {
    const sending = this.composer.send();
    if (this.timeline.hasNewer) await this.timeline.toEnd();
    const message = await sending;
    if (message) this.timeline.apply({ messages: [message], removed: [] });
  }

  async retry(message: MessageView): Promise<void> {
    await this.#engine.invoke('messages.retry', { conversation: this.id, message: message.id });
  }

  async discard(message: MessageView): Promise<void> {
    await this.#engine.invoke('messages.discard', { conversation: this.id, message: message.id });
    this.timeline.apply({ messages: [], removed: [message.id] });
  }

  async delete({ id }: MessageView): Promise<void> {
    this.composer.leaveEdit(id);
    await this.#engine.invoke('messages.delete', { conversation: this.id, message: id });
  }

  async react({ id }: MessageView, emoji: string, on: boolean): Promise<void> {
    await this.#engine.invoke('messages.react', { conversation: this.id, message: id, emoji, on });
  }

  async retryChange({ id }: MessageView): Promise<void> {
    await this.#engine.invoke('messages.retry-change', { conversation: this.id, message: id });
  }

  async discardChange({ id }: MessageView): Promise<void> {
    await this.#engine.invoke('messages.discard-change', { conversation: this.id, message: id });
  }

  async leave(): Promise<void> {
    this.reader.stop();
    this.seen.stop();
    this.composer.stopTyping();
    await this.composer.flush();
  }
}
