/** The messages of the open conversation: loads pages around a place, takes in changes, keeps the order. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { InputOf } from '../../../bridge/contract.ts';
import type { RpcClient } from '../../../bridge/rpc.ts';
import type { MessageView } from '../../../bridge/views.ts';
import { faultOf, type Fault } from '../faults.ts';
import type { ConversationId, MessageId } from '../ids.ts';
import { messageRows } from './message-rows.ts';
import { emptyWindow, windowOf, withChange, withNewer, withOlder, type MessageChange } from './message-window.ts';

type Engine = Pick<RpcClient<EngineContract>, 'invoke'>;
type Anchor = InputOf<EngineContract, 'messages.page'>['anchor'];

/** Where the list goes once a new stretch of messages is shown. */
export type Place = { at: 'end' } | { at: 'unread' } | { at: 'message'; message: MessageId; highlight: boolean };

/** A stretch that replaced the one before it: the list is built anew and goes to `place`. */
export interface Opening {
  readonly number: number;
  readonly place: Place;
}

export type TimelinePhase = { state: 'loading' } | { state: 'ready' } | { state: 'failed'; fault: Fault };

const pageSize = 60;

export class Timeline {
  readonly conversation: ConversationId;
  readonly #engine: Engine;
  #phase = $state.raw<TimelinePhase>({ state: 'loading' });
  #window = $state.raw(emptyWindow);
  #firstUnread = $state.raw<MessageId | null>(null);
  #opening = $state.raw<Opening>({ number: 0, place: { at: 'end' } });
  #edge = $state.raw<{ older: Fault | null; newer: Fault | null }>({ older: null, newer: null });
  #prepending = $state.raw(false);
  #expanded = $state.raw<ReadonlySet<MessageId>>(new Set());
  readonly #rows = $derived(
    messageRows(this.#window.messages, { firstUnread: this.#firstUnread, hasOlder: this.#window.hasOlder }),
  );
  /** Counts stretches asked for; an answer to an older question is dropped. */
  #asked = 0;
  #loading = $state.raw({ older: false, newer: false });
  /** Changes that came while a page was on its way, which may hold what was true before them. */
  #missed: MessageChange[] = [];
  #underway = 0;

  constructor(engine: Engine, conversation: ConversationId) {
    this.#engine = engine;
    this.conversation = conversation;
  }

  get phase(): TimelinePhase {
    return this.#phase;
  }
  get rows() {
    return this.#rows;
  }
  get messages(): readonly MessageView[] {
    return this.#window.messages;
  }
  get hasOlder(): boolean {
    return this.#window.hasOlder;
  }
  get hasNewer(): boolean {
    return this.#window.hasNewer;
  }
  get opening(): Opening {
    return this.#opening;
  }
  get firstUnread(): MessageId | null {
    return this.#firstUnread;
  }
  /** Why the pages beyond either end could not be loaded. */
  get edge() {
    return this.#edge;
  }
  /** Whether older messages are on their way; those that are not on this computer yet may take a while. */
  get loadingOlder(): boolean {
    return this.#loading.older;
  }
  /** True during the one update that puts older messages in front. */
  get prepending(): boolean {
    return this.#prepending;
  }

  isExpanded(message: MessageId): boolean {
    return this.#expanded.has(message);
  }

  expand(message: MessageId): void {
    this.#expanded = new Set([...this.#expanded, message]);
  }

  /** The first look at the conversation. */
  open(): Promise<void> {
    return this.#show({ at: 'first-unread' }, (firstUnread) => (firstUnread ? { at: 'unread' } : { at: 'end' }));
  }

  toEnd(): Promise<void> {
    return this.#show({ at: 'latest' }, () => ({ at: 'end' }));
  }

  /** Goes to a message, loading around it when the stretch does not hold it. */
  async toMessage(message: MessageId, highlight = true): Promise<void> {
    const place: Place = { at: 'message', message, highlight };
    if (this.#window.messages.some(({ id }) => id === message)) this.#goTo(place);
    else await this.#show({ at: 'message', message }, () => place);
  }

  /** Loads what is shown again, staying near `place`: after a restart of the engine, or when much came in at once. */
  reload(place: MessageId | null): Promise<void> {
    if (place === null) return this.toEnd();
    return this.#show({ at: 'message', message: place }, () => ({ at: 'message', message: place, highlight: false }));
  }

  /** Within the stretch that is shown. A stretch that was asked for before is not wanted any more. */
  #goTo(place: Place): void {
    this.#asked += 1;
    this.#loading = { older: false, newer: false };
    this.#opening = { number: this.#opening.number, place };
  }

  async #show(anchor: Anchor, placeFor: (firstUnread: MessageId | null) => Place): Promise<void> {
    const asked = ++this.#asked;
    if (this.#window.messages.length === 0) this.#phase = { state: 'loading' };
    try {
      const page = await this.#page(anchor);
      if (asked !== this.#asked) return;
      this.#loading = { older: false, newer: false };
      this.#edge = { older: null, newer: null };
      this.#prepending = false;
      if (anchor.at === 'first-unread') this.#firstUnread = page.firstUnread;
      this.#replace(windowOf(page));
      this.#opening = { number: asked, place: placeFor(this.#firstUnread) };
      this.#phase = { state: 'ready' };
    } catch (error) {
      if (asked === this.#asked && this.#phase.state !== 'ready')
        this.#phase = { state: 'failed', fault: faultOf(error) };
      else if (asked === this.#asked) throw error;
    } finally {
      this.#arrived();
    }
  }

  async loadOlder(): Promise<void> {
    const first = this.messages[0];
    if (!first || !this.hasOlder || this.#loading.older) return;
    await this.#extend('older', { at: 'older', than: first.order });
  }

  async loadNewer(): Promise<void> {
    const last = this.messages[this.messages.length - 1];
    if (!last || !this.hasNewer || this.#loading.newer) return;
    await this.#extend('newer', { at: 'newer', than: last.order });
  }

  async #extend(side: 'older' | 'newer', anchor: Anchor): Promise<void> {
    const asked = this.#asked;
    this.#loading = { ...this.#loading, [side]: true };
    if (this.#edge[side]) this.#edge = { ...this.#edge, [side]: null };
    try {
      const page = await this.#page(anchor);
      if (asked !== this.#asked) return;
      this.#prepending = side === 'older';
      this.#replace(side === 'older' ? withOlder(this.#window, page) : withNewer(this.#window, page));
    } catch (error) {
      if (asked === this.#asked) this.#edge = { ...this.#edge, [side]: faultOf(error) };
    } finally {
      if (asked === this.#asked) this.#loading = { ...this.#loading, [side]: false };
      this.#arrived();
    }
  }

  /** The list has drawn the older messages. */
  prepended(): void {
    this.#prepending = false;
  }

  #page(anchor: Anchor) {
    this.#underway += 1;
    return this.#engine.invoke('messages.page', { conversation: this.conversation, anchor, limit: pageSize });
  }

  #arrived(): void {
    this.#underway -= 1;
    if (this.#underway === 0) this.#missed = [];
  }

  #replace(window: typeof emptyWindow): void {
    this.#window = this.#missed.reduce(withChange, window);
  }

  /** Takes in changes as the engine tells them. */
  apply(change: MessageChange): void {
    if (this.#underway > 0) this.#missed = [...this.#missed, change];
    if (this.#phase.state === 'ready') this.#window = withChange(this.#window, change);
  }

  /** Draws the "New" line above a message that came while nobody was looking. */
  markUnreadFrom(message: MessageId): void {
    this.#firstUnread = message;
  }
}
